#include "inspect/image_file.hpp"

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

namespace img::inspect {

Result<ImageFile> ImageFile::open(const std::filesystem::path& path) {
    ImageFile file;
    file.path_ = path;
    // Without O_NONBLOCK a FIFO would hold us.
    file.fd_ = system::Fd(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK));
    struct stat facts{};
    if (!file.fd_ || ::fstat(file.fd_.get(), &facts) != 0) {
        const int error = errno;
        return fail(error == ENOENT || error == ENOTDIR ? Fault::missing : Fault::broken,
                    fmt::format("{}: {}", path.string(), std::strerror(error)));
    }
    if (!S_ISREG(facts.st_mode)) {
        return fail(Fault::invalid, fmt::format("{} is neither a file nor a folder; copy what it "
                                                "holds into a file and inspect that",
                                                path.string()));
    }
    if (facts.st_size == 0) {
        return fail(Fault::invalid, fmt::format("{} is empty", path.string()));
    }
    file.size_bytes_ = static_cast<std::uint64_t>(facts.st_size);
    file.on_disk_bytes_ = static_cast<std::uint64_t>(facts.st_blocks) * 512;  // stat(2)'s unit
    return file;
}

Result<void> ImageFile::read(std::uint64_t at, std::span<std::byte> into) const {
    while (!into.empty() && at < size_bytes_) {
        const ssize_t got = ::pread(fd_.get(), into.data(), into.size(), static_cast<off_t>(at));
        if (got < 0 && errno == EINTR) {
            continue;
        }
        if (got < 0) {
            return fail(Fault::broken,
                        fmt::format("{} cannot be read: {}", path_.string(), std::strerror(errno)));
        }
        if (got == 0) {
            break;  // cut off while we read it
        }
        into = into.subspan(static_cast<std::size_t>(got));
        at += static_cast<std::uint64_t>(got);
    }
    std::ranges::fill(into, std::byte{0});
    return {};
}

Result<std::optional<vdisk::Extent>> ImageFile::next_data(std::uint64_t from) const {
    const off_t start = ::lseek(fd_.get(), static_cast<off_t>(from), SEEK_DATA);
    if (start < 0 && errno == ENXIO) {
        return std::nullopt;
    }
    const off_t end = start < 0 ? -1 : ::lseek(fd_.get(), start, SEEK_HOLE);
    if (end < start || end < 0) {
        return fail(Fault::broken,
                    fmt::format("{} cannot be read: {}", path_.string(), std::strerror(errno)));
    }
    return vdisk::Extent{.start = static_cast<std::uint64_t>(start),
                         .size = static_cast<std::uint64_t>(end - start)};
}

}  // namespace img::inspect
