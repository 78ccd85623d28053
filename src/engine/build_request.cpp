#include "engine/build_request.hpp"

#include <cstdlib>
#include <unistd.h>

namespace img::engine {

namespace fs = std::filesystem;

fs::path default_cache() {
    if (const char* cache = std::getenv("IMG_CACHE"); cache != nullptr && *cache != '\0') {
        return cache;
    }
    if (::geteuid() == 0) {
        return "/var/cache/img";
    }
    if (const char* cache = std::getenv("XDG_CACHE_HOME"); cache != nullptr && *cache != '\0') {
        return fs::path(cache) / "img";
    }
    const char* home = std::getenv("HOME");
    return fs::path(home != nullptr ? home : "/tmp") / ".cache/img";
}

}  // namespace img::engine
