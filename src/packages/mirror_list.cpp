#include "packages/mirror_list.hpp"

#include "base/text.hpp"
#include "packages/repository_url.hpp"

#include <fmt/format.h>

namespace img::packages {
namespace {

constexpr std::size_t kMirrorsMax = 64;

}  // namespace

std::vector<std::string> read_mirrors(std::string_view text) {
    std::vector<std::string> mirrors;
    for (const auto& line : split(text, "\r\n")) {
        // "URL<tab>priority:1 arch:amd64"
        const auto words = split(line, " \t");
        if (words.empty() || words[0].starts_with('#') || mirrors.size() == kMirrorsMax) {
            continue;
        }
        const auto url = parse_repository_url(words[0]);
        if (url && (url->scheme == "http" || url->scheme == "https")) {
            mirrors.push_back(words[0]);
        }
    }
    return mirrors;
}

std::string on_mirror(std::string_view url, std::string_view list, std::string_view mirror) {
    std::string_view path = url.substr(list.size());
    while (path.starts_with('/')) {
        path.remove_prefix(1);
    }
    return fmt::format("{}{}{}", mirror, mirror.ends_with('/') ? "" : "/", path);
}

}  // namespace img::packages
