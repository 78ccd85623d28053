// A file or folder on its way: it goes with its owner, unless it is kept.
#pragma once

#include <filesystem>
#include <system_error>
#include <utility>

namespace img::system {

/// Names a path that need not exist yet. Dropping it removes what is there, with all inside, so
/// that no failure leaves half a file behind.
class Draft {
public:
    explicit Draft(std::filesystem::path path) : path_(std::move(path)) {}
    Draft(Draft&& other) noexcept : path_(std::exchange(other.path_, {})) {}
    Draft& operator=(Draft other) noexcept {
        std::swap(path_, other.path_);
        return *this;
    }
    ~Draft() {
        std::error_code ignored;
        if (!path_.empty()) {
            std::filesystem::remove_all(path_, ignored);
        }
    }

    const std::filesystem::path& path() const { return path_; }
    /// It is finished: from now on it stays, and is no longer known here.
    void keep() { path_.clear(); }

private:
    std::filesystem::path path_;
};

}  // namespace img::system
