// Where packages come from: URLs, suites and components, and the addresses of a network.
#pragma once

#include "base/result.hpp"

#include <string>
#include <string_view>

namespace img::syntax {

/// http, https, file or copy, with a host or an absolute path; the characters of RFC 3986 only.
/// The scheme in lower case, the rest as written: "$releasever" stays for whoever knows it.
Result<std::string> parse_url(std::string_view text);

/// http or https.
Result<std::string> parse_proxy(std::string_view text);

/// Of signing keys: a URL, or a path with no "..".
Result<std::string> parse_key_location(std::string_view text);

/// "bookworm", "stable/updates"; "./" for a flat archive.
Result<std::string> parse_suite(std::string_view text);

/// "main", "non-free-firmware", "updates/main".
Result<std::string> parse_component(std::string_view text);

/// 192.0.2.1
Result<std::string> parse_ipv4(std::string_view text);

/// IPv4, or IPv6 without its zone.
Result<std::string> parse_ip(std::string_view text);

}  // namespace img::syntax
