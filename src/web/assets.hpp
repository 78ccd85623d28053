// The files of share/ that the program carries inside itself.
#pragma once

#include "http/http.hpp"

#include <span>
#include <string>
#include <string_view>

namespace img::web {

struct EmbeddedFile {
    std::string_view name;
    std::string_view bytes;
};

std::span<const EmbeddedFile> embedded_files();

/// "" where there is none of that name.
std::string_view embedded_file(std::string_view name);

/// "/static/app.css?v=…": the address changes with the content, so browsers may keep it for ever.
std::string asset_path(std::string_view name);

/// 404 for names that are no style, script or picture.
http::Response serve_asset(const http::Request& request, std::string_view name);

}  // namespace img::web
