// JSON texts, written and read with a sentence for what is wrong with them.
#pragma once

#include "base/json.hpp"
#include "base/result.hpp"

#include <fmt/format.h>
#include <nlohmann/json.hpp>
#include <stdexcept>
#include <string>
#include <string_view>

namespace img::api {

using Json = nlohmann::ordered_json;

/// Bytes that are not UTF-8 become U+FFFD: a tool's output must not make an answer unreadable.
inline std::string dump(const Json& json) {
    return json.dump(2, ' ', false, Json::error_handler_t::replace) + "\n";
}

/// Runs `read` on the parsed text; the library's exceptions end here.
template <typename T, typename Read>
Result<T> parse(std::string_view text, std::string_view what, const Read& read) {
    try {
        return read(Json::parse(text));
    } catch (const Json::exception& error) {
        return fail(Fault::invalid, fmt::format("not the JSON of {}: {}", what, said_by(error)));
    } catch (const std::invalid_argument& error) {
        return fail(Fault::invalid, fmt::format("not the JSON of {}: {}", what, error.what()));
    }
}

inline std::string text_of(const Json& json, const char* key) {
    return json.contains(key) ? json.at(key).get<std::string>() : std::string();
}

/// For a path: letters, digits and . - _ as they are.
inline std::string escaped(std::string_view text) {
    std::string out;
    for (const char c : text) {
        const bool is_plain = (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') ||
                              (c >= 'A' && c <= 'Z') || c == '.' || c == '-' || c == '_';
        out += is_plain ? std::string(1, c) : fmt::format("%{:02X}", static_cast<unsigned char>(c));
    }
    return out;
}

}  // namespace img::api
