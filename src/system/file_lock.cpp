#include "system/file_lock.hpp"

#include <cerrno>
#include <cstring>
#include <fcntl.h>
#include <fmt/format.h>
#include <sys/file.h>

namespace img::system {
namespace {

Result<Fd> lock(const std::filesystem::path& file, int how) {
    Fd fd(::open(file.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0644));
    int error = fd ? 0 : errno;
    while (error == 0 && ::flock(fd.get(), how) != 0) {
        error = errno == EINTR ? 0 : errno;
    }
    if (error != 0) {
        return fail(error == EWOULDBLOCK ? Fault::transient : Fault::broken,
                    fmt::format("lock {}: {}", file.string(), std::strerror(error)));
    }
    return fd;
}

}  // namespace

Result<FileLock> FileLock::take(const std::filesystem::path& file) {
    return FileLock(TRY(lock(file, LOCK_EX)));
}

Result<FileLock> FileLock::try_take(const std::filesystem::path& file) {
    return FileLock(TRY(lock(file, LOCK_EX | LOCK_NB)));
}

}  // namespace img::system
