#include "http/file_response.hpp"

#include "base/text.hpp"
#include "http/url.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <fmt/chrono.h>
#include <fmt/format.h>
#include <sys/stat.h>

namespace img::http {

namespace {

std::optional<std::uint64_t> number(std::string_view text) {
    std::uint64_t value = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    return error == std::errc{} && end == text.data() + text.size() ? std::optional(value)
                                                                    : std::nullopt;
}

std::string entity_tag(const struct stat& facts) {
    return fmt::format("\"{:x}-{:x}-{:x}{:09x}\"", facts.st_ino, facts.st_size,
                       facts.st_ctim.tv_sec, facts.st_ctim.tv_nsec);
}

std::string http_date(std::time_t time) {
    return fmt::format("{:%a, %d %b %Y %H:%M:%S GMT}", fmt::gmtime(time));
}

/// Whether a list of entity tags holds this one, or is "*".
bool has_tag(std::string_view list, std::string_view tag) {
    for (const auto& entry : split(list, ",")) {
        auto one = trim(entry);
        if (one.starts_with("W/")) {
            one.remove_prefix(2);
        }
        if (one == "*" || one == tag) {
            return true;
        }
    }
    return false;
}

}  // namespace

std::string content_type_of(std::string_view file_name) {
    struct Type {
        std::string_view ending, type;
    };
    constexpr std::array kTypes{
        Type{".css", "text/css; charset=utf-8"},
        Type{".html", "text/html; charset=utf-8"},
        Type{".js", "text/javascript; charset=utf-8"},
        Type{".json", "application/json"},
        Type{".ks", "text/plain; charset=utf-8"},
        Type{".log", "text/plain; charset=utf-8"},
        Type{".packages", "text/plain; charset=utf-8"},
        Type{".png", "image/png"},
        Type{".svg", "image/svg+xml"},
        Type{".txt", "text/plain; charset=utf-8"},
        Type{".yaml", "application/yaml"},
        Type{"SUMS", "text/plain; charset=utf-8"},
    };
    const auto* const found = std::ranges::find_if(
        kTypes, [&](const Type& type) { return file_name.ends_with(type.ending); });
    return std::string(found == kTypes.end() ? "application/octet-stream" : found->type);
}

Result<std::optional<ByteRange>> parse_range(std::string_view field, std::uint64_t size) {
    constexpr std::optional<ByteRange> kWhole;
    if (!field.starts_with("bytes=")) {
        return kWhole;
    }
    const auto text = trim(field.substr(6));
    const auto dash = text.find('-');
    if (dash == std::string_view::npos || text.find(',') != std::string_view::npos) {
        return kWhole;
    }
    const auto first = number(text.substr(0, dash));
    const auto last = number(text.substr(dash + 1));
    const bool has_first = dash > 0;
    const bool has_last = dash + 1 < text.size();
    if ((has_first && !first) || (has_last && !last) || (!has_first && !has_last) ||
        (has_first && has_last && *first > *last)) {
        return kWhole;
    }
    const auto nowhere = fail(Fault::invalid, fmt::format("range beyond its {} bytes", size));
    if (!has_first) {
        if (*last == 0 || size == 0) {
            return nowhere;
        }
        return ByteRange{.first = size - std::min(*last, size), .last = size - 1};
    }
    if (*first >= size) {
        return nowhere;
    }
    return ByteRange{.first = *first, .last = std::min(last.value_or(size - 1), size - 1)};
}

Response serve_file(const Request& request, system::Fd file, const FileOptions& options) {
    struct stat facts{};
    if (::fstat(file.get(), &facts) != 0) {
        return make_response(500, "text/plain; charset=utf-8", "the file cannot be read\n");
    }
    const auto size = static_cast<std::uint64_t>(facts.st_size);
    const auto tag = entity_tag(facts);
    Response response;
    response.headers.set("Content-Type", options.content_type);
    response.headers.set("ETag", tag);
    response.headers.set("Last-Modified", http_date(facts.st_mtim.tv_sec));
    response.headers.set("Accept-Ranges", "bytes");
    response.headers.set("X-Content-Type-Options", "nosniff");
    if (!options.attachment.empty()) {
        response.headers.set("Content-Disposition",
                             "attachment; filename*=UTF-8''" + percent_encode(options.attachment));
    }
    if (request.headers.has("If-None-Match") &&
        has_tag(request.headers.get("If-None-Match"), tag)) {
        response.status = 304;
        return response;
    }
    ByteRange range{.first = 0, .last = size == 0 ? 0 : size - 1};
    const auto condition = request.headers.get("If-Range");
    if (request.headers.has("Range") && (condition.empty() || condition == tag)) {
        const auto asked = parse_range(request.headers.get("Range"), size);
        if (!asked) {
            response.status = 416;
            response.headers.set("Content-Range", fmt::format("bytes */{}", size));
            return response;
        }
        if (*asked) {
            range = **asked;
            response.status = 206;
            response.headers.set("Content-Range",
                                 fmt::format("bytes {}-{}/{}", range.first, range.last, size));
        }
    }
    const auto length = size == 0 ? 0 : range.last - range.first + 1;
    response.body = FileBody{.file = std::move(file), .offset = range.first, .length = length};
    return response;
}

}  // namespace img::http
