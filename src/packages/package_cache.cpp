#include "packages/package_cache.hpp"

#include "packages/deb_file.hpp"

#include <fmt/format.h>

namespace img::packages {

bool PackageCache::has(const std::string& sha256) const {
    std::error_code error;
    return std::filesystem::exists(path(sha256), error);
}

Result<void> PackageCache::add(const std::filesystem::path& download, const std::string& sha256) {
    std::error_code error;
    std::filesystem::create_directories(path(sha256).parent_path(), error);
    if (error) {
        return fail(Fault::broken,
                    fmt::format("package cache {}: {}", folder_.string(), error.message()));
    }
    return store_uncompressed(download, sha256, path(sha256));
}

}  // namespace img::packages
