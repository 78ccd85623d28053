#include "web/assets.hpp"

#include "base/digest.hpp"
#include "http/file_response.hpp"

#include <algorithm>
#include <fmt/format.h>
#include <map>

namespace img::web {

namespace {

/// Computed once: the content is that of the program.
const std::map<std::string, std::string, std::less<>>& versions() {
    static const auto kVersions = [] {
        std::map<std::string, std::string, std::less<>> versions;
        for (const auto& file : embedded_files()) {
            versions.emplace(file.name, sha256_hex(file.bytes).substr(0, 16));
        }
        return versions;
    }();
    return kVersions;
}

}  // namespace

std::string_view embedded_file(std::string_view name) {
    const auto files = embedded_files();
    const auto found = std::ranges::find(files, name, &EmbeddedFile::name);
    return found == files.end() ? std::string_view() : found->bytes;
}

std::string asset_path(std::string_view name) {
    const auto found = versions().find(name);
    return fmt::format("/static/{}?v={}", name, found == versions().end() ? "" : found->second);
}

http::Response serve_asset(const http::Request& request, std::string_view name) {
    const bool is_public =
        name.ends_with(".css") || name.ends_with(".js") || name.ends_with(".svg");
    const auto bytes = is_public ? embedded_file(name) : std::string_view();
    if (bytes.empty()) {
        return http::make_response(404, "text/plain; charset=utf-8", "no such file\n");
    }
    const auto& version = versions().find(name)->second;
    auto response = http::make_response(200, http::content_type_of(name), std::string(bytes));
    response.headers.set("ETag", '"' + version + '"');
    const bool is_versioned = request.parameter("v") == version;
    response.headers.set("Cache-Control",
                         is_versioned ? "public, max-age=31536000, immutable" : "no-cache");
    if (request.headers.get("If-None-Match") == '"' + version + '"') {
        response.status = 304;
    }
    return response;
}

}  // namespace img::web
