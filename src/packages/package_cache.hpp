// The package files that builds share, each under the SHA-256 that its archive signed for.
#pragma once

#include "base/result.hpp"

#include <filesystem>
#include <string>

namespace img::packages {

/// Files are added complete and never changed, so any number of builds may use a cache at once
/// without a lock. What lies in it has had its digest checked and its compression taken off.
class PackageCache {
public:
    explicit PackageCache(std::filesystem::path folder) : folder_(std::move(folder)) {}

    /// Where the package with this digest is or would be.
    std::filesystem::path path(const std::string& sha256) const {
        return folder_ / sha256.substr(0, 2) / (sha256 + ".deb");
    }
    bool has(const std::string& sha256) const;

    /// Fault::broken: the download's digest is another.
    Result<void> add(const std::filesystem::path& download, const std::string& sha256);

    const std::filesystem::path& folder() const { return folder_; }

private:
    std::filesystem::path folder_;
};

}  // namespace img::packages
