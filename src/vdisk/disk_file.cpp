#include "vdisk/disk_file.hpp"

#include "base/byte_size.hpp"
#include "base/printable.hpp"

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <system_error>
#include <unistd.h>

namespace img::vdisk {
namespace {

constexpr std::size_t kHoleBytes = 4 * kKiB;  // what a hole is made of on the usual file systems

std::unexpected<Error> refuse(const std::filesystem::path& path, int error) {
    if (error == ENOENT || error == ENOTDIR) {
        return fail(Fault::missing, fmt::format("there is no file '{}'", printable(path.string())));
    }
    return fail(Fault::broken, fmt::format("open {}: {}", printable(path.string()),
                                           std::generic_category().message(error)));
}

}  // namespace

bool all_zero(std::span<const std::byte> bytes) {
    return bytes.empty() || (bytes[0] == std::byte{0} &&
                             std::memcmp(bytes.data(), bytes.data() + 1, bytes.size() - 1) == 0);
}

std::string_view as_text(std::span<const std::byte> bytes) {
    return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

std::span<const std::byte> as_bytes(std::string_view text) {
    return std::as_bytes(std::span(text));
}

Result<DiskFile> DiskFile::open(const std::filesystem::path& path) {
    // A pipe must not keep us waiting for its other end.
    system::Fd fd(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK));
    if (!fd) {
        return refuse(path, errno);
    }
    struct stat status{};
    if (::fstat(fd.get(), &status) != 0) {
        return refuse(path, errno);
    }
    if (!S_ISREG(status.st_mode)) {
        return fail(Fault::invalid, fmt::format("{} is a {}, not a file that holds a disk",
                                                printable(path.string()),
                                                S_ISDIR(status.st_mode) ? "folder" : "device"));
    }
    return DiskFile(std::move(fd), path, static_cast<std::uint64_t>(status.st_size));
}

Result<DiskFile> DiskFile::create(const std::filesystem::path& path) {
    system::Fd fd(::open(path.c_str(), O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0644));
    if (!fd) {
        return refuse(path, errno);
    }
    return DiskFile(std::move(fd), path, 0);
}

std::unexpected<Error> DiskFile::wrong(std::string_view what) const {
    return fail(Fault::invalid, fmt::format("{}: {}", printable(path_.filename().string()), what));
}

std::unexpected<Error> DiskFile::failed(std::string_view deed, int error) const {
    const bool full = error == ENOSPC || error == EDQUOT || error == EFBIG;
    return fail(full ? Fault::exhausted : Fault::broken,
                fmt::format("{} {}: {}{}", deed, printable(path_.string()),
                            std::generic_category().message(error),
                            full ? "; free some space or choose another folder" : ""));
}

Result<void> DiskFile::check_inside(std::uint64_t at, std::uint64_t count) const {
    if (at > size_ || count > size_ - at) {
        return wrong(
            fmt::format("it ends at byte {}, and {} bytes at {} are looked for: it was cut "
                        "short, or is damaged",
                        size_, count, at));
    }
    return {};
}

Result<void> DiskFile::read(std::uint64_t at, std::span<std::byte> into) const {
    TRY(check_inside(at, into.size()));
    while (!into.empty()) {
        const ssize_t got = ::pread(fd_.get(), into.data(), into.size(), static_cast<off_t>(at));
        if (got < 0 && errno == EINTR) {
            continue;
        }
        if (got <= 0) {
            return failed("read", got == 0 ? EIO : errno);
        }
        into = into.subspan(static_cast<std::size_t>(got));
        at += static_cast<std::uint64_t>(got);
    }
    return {};
}

Result<void> DiskFile::read_padded(std::uint64_t at, std::span<std::byte> into) const {
    if (at >= size_) {
        return read(at, into);  // which says what is wrong
    }
    const auto there = static_cast<std::size_t>(std::min<std::uint64_t>(size_ - at, into.size()));
    std::ranges::fill(into.subspan(there), std::byte{0});
    return read(at, into.first(there));
}

Result<std::string> DiskFile::read_text(std::uint64_t at, std::uint64_t count) const {
    TRY(check_inside(at, count));  // before anything is allocated
    std::string text(count, '\0');
    TRY(read(at, std::as_writable_bytes(std::span(text))));
    return text;
}

Result<void> DiskFile::write(std::uint64_t at, std::span<const std::byte> bytes) {
    size_ = std::max(size_, at + bytes.size());
    written_bytes_ += bytes.size();
    while (!bytes.empty()) {
        const ssize_t put = ::pwrite(fd_.get(), bytes.data(), bytes.size(), static_cast<off_t>(at));
        if (put < 0 && errno == EINTR) {
            continue;
        }
        if (put <= 0) {
            return failed("write", put == 0 ? ENOSPC : errno);
        }
        bytes = bytes.subspan(static_cast<std::size_t>(put));
        at += static_cast<std::uint64_t>(put);
    }
    return {};
}

Result<void> DiskFile::write(std::uint64_t at, std::string_view bytes) {
    return write(at, as_bytes(bytes));
}

Result<void> DiskFile::write_sparse(std::uint64_t at, std::span<const std::byte> bytes) {
    const std::uint64_t end = at + bytes.size();
    std::size_t run = 0;  // begin of the blocks that are still to be written
    for (std::size_t i = 0; i < bytes.size(); i += kHoleBytes) {
        const auto block = bytes.subspan(i, std::min(kHoleBytes, bytes.size() - i));
        if (all_zero(block)) {
            TRY(write(at + run, bytes.subspan(run, i - run)));
            run = i + block.size();
        }
    }
    TRY(write(at + run, bytes.subspan(run)));
    return end > size_ ? resize(end) : Result<void>{};
}

Result<void> DiskFile::resize(std::uint64_t size_bytes) {
    if (::ftruncate(fd_.get(), static_cast<off_t>(size_bytes)) != 0) {
        return failed("write", errno);
    }
    size_ = size_bytes;
    return {};
}

Result<std::optional<Extent>> DiskFile::next_data(std::uint64_t from) const {
    if (from >= size_) {
        return std::nullopt;
    }
    const off_t data = ::lseek(fd_.get(), static_cast<off_t>(from), SEEK_DATA);
    if (data < 0 && errno == ENXIO) {
        return std::nullopt;
    }
    if (data < 0) {
        return failed("read", errno);
    }
    const off_t hole = ::lseek(fd_.get(), data, SEEK_HOLE);
    if (hole < 0) {
        return failed("read", errno);
    }
    const auto start = static_cast<std::uint64_t>(data);
    return Extent{.start = start,
                  .size = std::min(static_cast<std::uint64_t>(hole), size_) - start};
}

Result<bool> DiskFile::is_hole(std::uint64_t at, std::uint64_t size) const {
    if (at < hole_.start || at >= hole_.end()) {
        const auto data = TRY(next_data(at));
        const std::uint64_t end = data ? data->start : size_;
        hole_ = {.start = at, .size = end > at ? end - at : 0};
    }
    return size <= hole_.end() - at && at < hole_.end();
}

}  // namespace img::vdisk
