#include "engine/build_request.hpp"

#include "base/printable.hpp"

#include <algorithm>
#include <array>
#include <cstdlib>
#include <fmt/format.h>
#include <unistd.h>

namespace img::engine {

namespace fs = std::filesystem;

Result<void> check_image_name(std::string_view name) {
    constexpr std::size_t kNameMax = 128;  // "NAME-vmlinuz-VERSION.md5sum" has to stay under 255
    constexpr std::array<std::string_view, 4> kPapers{"manifest.json", "SHA256SUMS", "MD5SUMS",
                                                      "SHA1SUMS"};
    const bool good = !name.empty() && name.size() <= kNameMax && !name.contains('/') &&
                      !name.starts_with('.') && !name.starts_with('-') && printable(name) == name;
    if (!good) {
        return fail(Fault::invalid,
                    fmt::format("'{}' cannot name an image: use up to {} bytes of letters, digits "
                                "and the like, without '/', no dot or dash first; give another "
                                "with -n",
                                printable(utf8_head(name, kNameMax)), kNameMax));
    }
    if (std::ranges::find(kPapers, name) != kPapers.end()) {
        return fail(Fault::invalid,
                    fmt::format("'{}' cannot name an image: a paper beside every image is called "
                                "so; give another with -n",
                                name));
    }
    return {};
}

std::vector<std::string> idle_wishes(const BuildRequest& request) {
    const auto type = image::find_image_type(request.image_type);
    if (!type) {
        return {};
    }
    auto idle = idle_options(request.options, *type);
    if (request.disk_bytes != 0 && type->layout != image::Layout::disks) {
        idle.emplace_back("--size");
    }
    std::vector<std::string> said;
    for (const auto name : idle) {
        said.push_back(fmt::format("{} changes nothing of an image of type {}", name, type->name));
    }
    return said;
}

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
