// A lock between processes, by a file that stays; it is gone when its holder is, however it went.
#pragma once

#include "base/result.hpp"
#include "system/fd.hpp"

#include <filesystem>

namespace img::system {

class FileLock {
public:
    /// Waits for it. Fault::broken: the file cannot be made.
    static Result<FileLock> take(const std::filesystem::path& file);
    /// Fault::transient: somebody else holds it.
    static Result<FileLock> try_take(const std::filesystem::path& file);

private:
    explicit FileLock(Fd fd) : fd_(std::move(fd)) {}
    Fd fd_;
};

}  // namespace img::system
