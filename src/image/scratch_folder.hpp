// A folder for files on the way, which goes with its owner and all that is in it.
#pragma once

#include "base/result.hpp"
#include "system/files.hpp"

#include <filesystem>
#include <utility>

namespace img::image {

class ScratchFolder {
public:
    /// Is made anew as `path`. Fault::exhausted: the disk is full.
    static Result<ScratchFolder> make(std::filesystem::path path) {
        TRY(system::make_folder(path));
        return ScratchFolder(std::move(path));
    }
    ScratchFolder(ScratchFolder&& other) noexcept : path_(std::exchange(other.path_, {})) {}
    ScratchFolder& operator=(ScratchFolder&&) = delete;
    ~ScratchFolder() {
        std::error_code ignored;
        if (!path_.empty()) {
            std::filesystem::remove_all(path_, ignored);
        }
    }

    const std::filesystem::path& path() const { return path_; }

private:
    explicit ScratchFolder(std::filesystem::path path) : path_(std::move(path)) {}

    std::filesystem::path path_;
};

}  // namespace img::image
