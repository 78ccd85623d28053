// A file on its way to being an artefact.
#pragma once

#include <filesystem>
#include <system_error>
#include <utility>

namespace img::image {

/// Goes with its owner, unless it is kept.
class Draft {
public:
    explicit Draft(std::filesystem::path path) : path_(std::move(path)) {}
    Draft(const Draft&) = delete;
    Draft& operator=(const Draft&) = delete;
    ~Draft() {
        std::error_code ignored;
        if (!kept_) {
            std::filesystem::remove(path_, ignored);
        }
    }

    const std::filesystem::path& path() const { return path_; }
    void keep() { kept_ = true; }

private:
    std::filesystem::path path_;
    bool kept_ = false;
};

}  // namespace img::image
