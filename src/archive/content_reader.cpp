#include "archive/content_reader.hpp"

#include "archive/file_fault.hpp"
#include "base/byte_size.hpp"

#include <algorithm>
#include <cstring>
#include <fcntl.h>
#include <unistd.h>

namespace img::archive {
namespace {

constexpr std::size_t kChunk = kMiB;
constexpr std::size_t kBlock = 4 * kKiB;

Result<system::Fd> open_to_read(const std::filesystem::path& file) {
    // O_NONBLOCK: if it has become a pipe, nobody waits for a writer.
    system::Fd fd(::open(file.c_str(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK));
    if (!fd) {
        return file_fault("open", file, errno);
    }
    return fd;
}

/// Fills all of `into` from `at` on.
Result<void> read_at(const system::Fd& fd,
                     const std::filesystem::path& file,
                     std::uint64_t at,
                     std::span<char> into) {
    while (!into.empty()) {
        const ssize_t got = ::pread(fd.get(), into.data(), into.size(), static_cast<off_t>(at));
        if (got < 0 && errno == EINTR) {
            continue;
        }
        if (got <= 0) {
            return got == 0 ? fail(Fault::broken,
                                   fmt::format("{} got shorter while it was read", file.string()))
                            : file_fault("read", file, errno);
        }
        into = into.subspan(static_cast<std::size_t>(got));
        at += static_cast<std::uint64_t>(got);
    }
    return {};
}

/// Calls `visit(start, bytes)` for each piece of data, at most kChunk long, in order.
template <typename Visit>
Result<void> each_piece(const std::filesystem::path& file, std::uint64_t size_bytes, Visit visit) {
    const system::Fd fd = TRY(open_to_read(file));
    std::string buffer(kChunk, '\0');
    const auto size = static_cast<off_t>(size_bytes);
    for (off_t hole = 0; hole < size;) {
        off_t at = ::lseek(fd.get(), hole, SEEK_DATA);
        if (at < 0 && errno == ENXIO) {
            return {};
        }
        hole = at < 0 ? at : ::lseek(fd.get(), at, SEEK_HOLE);
        if (hole < 0) {
            return file_fault("read", file, errno);
        }
        for (const off_t end = std::min(hole, size); at < end;) {
            const auto want = std::min(kChunk, static_cast<std::size_t>(end - at));
            const std::span<char> piece(buffer.data(), want);
            TRY(read_at(fd, file, static_cast<std::uint64_t>(at), piece));
            TRY(visit(static_cast<std::uint64_t>(at), std::string_view(piece.data(), want)));
            at += static_cast<off_t>(want);
        }
    }
    return {};
}

bool all_zero(std::string_view bytes) {
    return bytes.empty() ||
           (bytes[0] == 0 && std::memcmp(bytes.data(), bytes.data() + 1, bytes.size() - 1) == 0);
}

/// At the end; a run that goes on is one with what it goes on.
void add_run(std::vector<Extent>& extents, const Extent& run) {
    if (!extents.empty() && extents.back().start + extents.back().bytes == run.start) {
        extents.back().bytes += run.bytes;
    } else {
        extents.push_back(run);
    }
}

Result<void> check_size(const std::filesystem::path& file, std::uint64_t size_bytes) {
    std::error_code error;
    const auto size = std::filesystem::file_size(file, error);
    if (error) {
        return file_fault("read", file, error.value());
    }
    if (size != size_bytes) {
        return fail(Fault::broken, fmt::format("{} changed while it was read", file.string()));
    }
    return {};
}

}  // namespace

Result<void> copy_content(const std::filesystem::path& file,
                          std::uint64_t size_bytes,
                          ByteSink& sink,
                          const BytesDone& done) {
    TRY(check_size(file, size_bytes));
    std::uint64_t behind = 0;
    const auto copy_piece = [&](std::uint64_t at, std::string_view bytes) -> Result<void> {
        TRY(sink.write_zeros(at - behind));
        TRY(sink.write(bytes));
        behind = at + bytes.size();
        if (done) {
            done(behind);
        }
        return {};
    };
    TRY(each_piece(file, size_bytes, copy_piece));
    return sink.write_zeros(size_bytes - behind);
}

Result<std::vector<Extent>> data_extents(const std::filesystem::path& file,
                                         std::uint64_t size_bytes) {
    TRY(check_size(file, size_bytes));
    std::vector<Extent> extents;
    const auto note_blocks = [&](std::uint64_t at, std::string_view bytes) -> Result<void> {
        while (!bytes.empty()) {
            const auto block = bytes.substr(0, kBlock - at % kBlock);
            if (!all_zero(block)) {
                add_run(extents, {at, block.size()});
            }
            at += block.size();
            bytes.remove_prefix(block.size());
        }
        return {};
    };
    TRY(each_piece(file, size_bytes, note_blocks));
    return extents;
}

Result<void> copy_extent(const std::filesystem::path& file,
                         const Extent& extent,
                         ByteSink& sink,
                         const BytesDone& done) {
    const system::Fd fd = TRY(open_to_read(file));
    std::string buffer(std::min<std::uint64_t>(kChunk, extent.bytes), '\0');
    for (std::uint64_t at = 0; at < extent.bytes;) {
        const auto want = std::min<std::uint64_t>(buffer.size(), extent.bytes - at);
        TRY(read_at(fd, file, extent.start + at, {buffer.data(), want}));
        TRY(sink.write({buffer.data(), want}));
        at += want;
        if (done) {
            done(at);
        }
    }
    return {};
}

}  // namespace img::archive
