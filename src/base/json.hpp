// What the readers of JSON share: whole numbers that are what was sent, and what the library says.
#pragma once

#include <concepts>
#include <cstdint>
#include <exception>
#include <fmt/format.h>
#include <limits>
#include <optional>
#include <stdexcept>
#include <string_view>
#include <utility>

namespace img {

/// The whole number that `json` is. The library's own get() makes some number of 1.5, of -1 and of
/// 1e300 alike; here they are none, as is all else that `Number` cannot hold.
template <std::integral Number, typename Json>
std::optional<Number> number_from(const Json& json) {
    if (json.is_number_unsigned()) {
        const auto number = json.template get<std::uint64_t>();
        return std::in_range<Number>(number) ? std::optional(static_cast<Number>(number))
                                             : std::nullopt;
    }
    if (json.is_number_integer()) {
        const auto number = json.template get<std::int64_t>();
        return std::in_range<Number>(number) ? std::optional(static_cast<Number>(number))
                                             : std::nullopt;
    }
    return std::nullopt;
}

/// That below `key`. Throws std::invalid_argument where it is none, to be caught where the
/// library's own exceptions are, which refuses a missing key.
template <std::integral Number, typename Json>
Number number_at(const Json& object, const char* key) {
    if (const auto number = number_from<Number>(object.at(key))) {
        return *number;
    }
    throw std::invalid_argument(fmt::format("\"{}\" is no whole number from {} to {}", key,
                                            std::numeric_limits<Number>::min(),
                                            std::numeric_limits<Number>::max()));
}

/// `otherwise`, where there is no such key.
template <std::integral Number, typename Json>
Number number_at(const Json& object, const char* key, Number otherwise) {
    return object.contains(key) ? number_at<Number>(object, key) : otherwise;
}

/// Its words for people, without "[json.exception.type_error.302] ".
inline std::string_view said_by(const std::exception& error) {
    std::string_view said = error.what();
    if (const auto bracket = said.find("] ");
        said.starts_with("[json.exception.") && bracket != std::string_view::npos) {
        said.remove_prefix(bracket + 2);
    }
    return said;
}

}  // namespace img
