// Percent-encoding and query strings (RFC 3986, and the WHATWG's form encoding).
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace img::http {

/// Nothing where a "%" is not followed by two hexadecimal digits.
std::optional<std::string> percent_decode(std::string_view text);

/// Everything but the unreserved characters of RFC 3986 as %XX, for one segment or value.
std::string percent_encode(std::string_view text);

/// The segments of an encoded path, each decoded: "/a/b%20c/" gives "a", "b c", "". Nothing for a
/// path that could mean another one to somebody else: no leading slash, an empty segment in the
/// middle, "." or "..", a slash, backslash or control byte hidden by encoding.
std::optional<std::vector<std::string>> path_segments(std::string_view path);

/// "a=1&b=x+y" decoded; at most 100 pairs, and a broken one keeps its text as it is.
std::vector<std::pair<std::string, std::string>> parse_query(std::string_view query);

}  // namespace img::http
