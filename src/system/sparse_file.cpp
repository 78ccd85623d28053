#include "system/sparse_file.hpp"

#include "base/byte_size.hpp"
#include "system/fd.hpp"

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <fcntl.h>
#include <fmt/format.h>
#include <system_error>
#include <unistd.h>
#include <vector>

namespace img::system {
namespace {

constexpr std::size_t kChunk = kMiB;
constexpr std::size_t kBlock = 4 * kKiB;  // what a hole is made of on the usual file systems

std::unexpected<Error> failed(std::string_view deed, const std::filesystem::path& file, int error) {
    const bool full = error == ENOSPC || error == EDQUOT || error == EFBIG;
    return fail(
        full ? Fault::exhausted : Fault::broken,
        fmt::format("{} {}: {}{}", deed, file.string(), std::generic_category().message(error),
                    full ? "; free some space or choose another folder" : ""));
}

bool all_zero(const char* bytes, std::size_t count) {
    return count == 0 || (bytes[0] == 0 && std::memcmp(bytes, bytes + 1, count - 1) == 0);
}

class Copier {
public:
    Copier(const std::filesystem::path& source,
           const std::filesystem::path& image,
           std::uint64_t offset)
        : source_(source), image_(image), offset_(offset), buffer_(kChunk) {}

    Result<std::uint64_t> copy() {
        in_ = Fd(::open(source_.c_str(), O_RDONLY | O_CLOEXEC));
        if (!in_) {
            return failed("open", source_, errno);
        }
        out_ = Fd(::open(image_.c_str(), O_WRONLY | O_CLOEXEC));
        if (!out_) {
            return failed("open", image_, errno);
        }
        for (off_t hole = 0;;) {
            const off_t data = ::lseek(in_.get(), hole, SEEK_DATA);
            if (data < 0 && errno == ENXIO) {
                return written_;
            }
            hole = data < 0 ? data : ::lseek(in_.get(), data, SEEK_HOLE);
            if (hole < 0) {
                return failed("read", source_, errno);
            }
            TRY(copy_extent(data, hole));
        }
    }

private:
    Result<void> copy_extent(off_t at, off_t end) {
        while (at < end) {
            const auto want = std::min(kChunk, static_cast<std::size_t>(end - at));
            const ssize_t got = ::pread(in_.get(), buffer_.data(), want, at);
            if (got < 0 && errno == EINTR) {
                continue;
            }
            if (got <= 0) {
                return failed("read", source_, got == 0 ? EIO : errno);
            }
            TRY(write_blocks(static_cast<std::size_t>(got), static_cast<std::uint64_t>(at)));
            at += got;
        }
        return {};
    }

    /// Writes the runs of blocks in the buffer that are not all zero.
    Result<void> write_blocks(std::size_t count, std::uint64_t at) {
        std::size_t run = 0;
        for (std::size_t i = 0; i < count; i += kBlock) {
            const std::size_t block = std::min(kBlock, count - i);
            if (all_zero(buffer_.data() + i, block)) {
                TRY(write_run(run, i, at));
                run = i + block;
            }
        }
        return write_run(run, count, at);
    }

    Result<void> write_run(std::size_t from, std::size_t to, std::uint64_t at) {
        while (from < to) {
            const ssize_t put = ::pwrite(out_.get(), buffer_.data() + from, to - from,
                                         static_cast<off_t>(offset_ + at + from));
            if (put < 0 && errno == EINTR) {
                continue;
            }
            if (put <= 0) {
                return failed("write", image_, put == 0 ? ENOSPC : errno);
            }
            from += static_cast<std::size_t>(put);
            written_ += static_cast<std::uint64_t>(put);
        }
        return {};
    }

    std::filesystem::path source_;
    std::filesystem::path image_;
    std::uint64_t offset_;
    std::vector<char> buffer_;
    Fd in_;
    Fd out_;
    std::uint64_t written_ = 0;
};

}  // namespace

Result<void> create_sparse(const std::filesystem::path& file, std::uint64_t size_bytes) {
    const Fd fd(::open(file.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600));
    if (!fd || ::ftruncate(fd.get(), static_cast<off_t>(size_bytes)) != 0) {
        const int error = errno;
        const bool full = error == ENOSPC || error == EDQUOT || error == EFBIG;
        return fail(full ? Fault::exhausted : Fault::broken,
                    fmt::format("make {} of {} bytes: {}", file.string(), size_bytes,
                                std::generic_category().message(error)));
    }
    return {};
}

Result<std::uint64_t> copy_sparse(const std::filesystem::path& source,
                                  const std::filesystem::path& image,
                                  std::uint64_t offset) {
    return Copier(source, image, offset).copy();
}

Result<void> write_at(const std::filesystem::path& image,
                      std::uint64_t offset,
                      std::string_view bytes) {
    const Fd out(::open(image.c_str(), O_WRONLY | O_CLOEXEC));
    if (!out) {
        return failed("open", image, errno);
    }
    while (!bytes.empty()) {
        const ssize_t put =
            ::pwrite(out.get(), bytes.data(), bytes.size(), static_cast<off_t>(offset));
        if (put < 0 && errno == EINTR) {
            continue;
        }
        if (put <= 0) {
            return failed("write", image, put == 0 ? ENOSPC : errno);
        }
        bytes.remove_prefix(static_cast<std::size_t>(put));
        offset += static_cast<std::uint64_t>(put);
    }
    return {};
}

}  // namespace img::system
