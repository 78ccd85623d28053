#include "syntax/address.hpp"

#include "syntax/quote.hpp"
#include "syntax/values.hpp"

#include <algorithm>
#include <arpa/inet.h>
#include <array>
#include <fmt/format.h>

namespace img::syntax {
namespace {

constexpr std::size_t kUrlBytesMax = 2048;

bool is_alnum(char c) {
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

bool only(std::string_view text, std::string_view extra) {
    return std::ranges::all_of(text, [&](char c) { return is_alnum(c) || extra.contains(c); });
}

std::unexpected<Error> refuse(std::string_view text, std::string_view why) {
    return fail(Fault::invalid, fmt::format("address {} {}", in_quotes(text), why));
}

bool is_address(int family, std::string_view text) {
    std::array<unsigned char, sizeof(in6_addr)> out{};
    return text.size() < INET6_ADDRSTRLEN &&
           inet_pton(family, std::string(text).c_str(), out.data()) == 1;
}

bool is_port(std::string_view text) {
    const auto port = parse_number(text, 65535);
    return port && *port != 0;
}

/// [user[:password]@]host[:port]
bool is_authority(std::string_view text) {
    if (const auto at = text.rfind('@'); at != std::string_view::npos) {
        text.remove_prefix(at + 1);
    }
    if (text.starts_with('[')) {
        const auto end = text.find(']');
        if (end == std::string_view::npos) {
            return false;
        }
        const auto rest = text.substr(end + 1);
        return is_address(AF_INET6, text.substr(1, end - 1)) &&
               (rest.empty() || (rest[0] == ':' && is_port(rest.substr(1))));
    }
    const auto colon = std::min(text.find(':'), text.size());
    return parse_host_name(text.substr(0, colon)).has_value() &&
           (colon == text.size() || is_port(text.substr(colon + 1)));
}

/// `%` is followed by two hexadecimal digits, everywhere.
bool escapes_are_whole(std::string_view text) {
    for (auto at = text.find('%'); at != std::string_view::npos; at = text.find('%', at + 1)) {
        const auto digits = text.substr(at + 1, 2);
        if (digits.size() != 2 ||
            digits.find_first_not_of("0123456789abcdefABCDEF") != digits.npos) {
            return false;
        }
    }
    return true;
}

}  // namespace

Result<std::string> parse_url(std::string_view text) {
    if (text.size() > kUrlBytesMax) {
        return refuse(text, fmt::format("is longer than {} bytes", kUrlBytesMax));
    }
    const auto colon = text.find(':');
    if (colon == std::string_view::npos || colon == 0) {
        return refuse(text, "has no scheme; write it with http:, https:, file: or copy:");
    }
    std::string scheme(text.substr(0, colon));
    std::ranges::transform(scheme, scheme.begin(), [](char c) {
        return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
    });
    const bool remote = scheme == "http" || scheme == "https";
    if (!remote && scheme != "file" && scheme != "copy") {
        return refuse(text, "has a scheme that IMG does not fetch; use http, https, file or copy");
    }
    auto rest = text.substr(colon + 1);
    if (!only(rest, "-._~:/?#[]@!$&'()*+,;=%") || !escapes_are_whole(rest)) {
        return refuse(text, "holds a character that URLs do not; write it as %XX");
    }
    std::string_view path = rest;
    if (rest.starts_with("//")) {
        const auto end = std::min(rest.find_first_of("/?#", 2), rest.size());
        const auto authority = rest.substr(2, end - 2);
        path = rest.substr(end);
        if (remote ? !is_authority(authority) : !(authority.empty() || authority == "localhost")) {
            return refuse(text, remote ? "names no host" : "names a host; write file:///path");
        }
    } else if (remote) {
        return refuse(text, "names no host");
    }
    if ((!remote && !path.starts_with('/')) || path.find_first_of("[]") != path.npos) {
        return refuse(text, remote ? "has a bracket in its path; write it as %XX"
                                   : "needs an absolute path: file:///path");
    }
    return fmt::format("{}:{}", scheme, rest);
}

Result<std::string> parse_proxy(std::string_view text) {
    auto url = TRY(parse_url(text));
    if (!url.starts_with("http")) {
        return refuse(text, "is no proxy; use http: or https:");
    }
    return url;
}

Result<std::string> parse_key_location(std::string_view text) {
    if (text.contains(':')) {
        return parse_url(text);
    }
    if (text.empty() || text.starts_with('-') || text.size() > 1024 || text.contains("..") ||
        !only(text, "/._+@~-")) {
        return fail(Fault::invalid,
                    fmt::format("{} is neither a URL nor a path of letters, digits and / . _ + @ "
                                "~ -",
                                in_quotes(text)));
    }
    return std::string(text);
}

Result<std::string> parse_suite(std::string_view text) {
    const bool good = text == "./" || (!text.empty() && text.size() <= 128 && is_alnum(text[0]) &&
                                       only(text, "._+~/-") && !text.contains(".."));
    if (!good) {
        return fail(Fault::invalid,
                    fmt::format("{} is not a suite, such as bookworm", in_quotes(text)));
    }
    return std::string(text);
}

Result<std::string> parse_component(std::string_view text) {
    const bool good = !text.empty() && text.size() <= 128 && is_alnum(text[0]) &&
                      only(text, "._+/-") && !text.contains("..");
    if (!good) {
        return fail(Fault::invalid,
                    fmt::format("{} is not a component, such as main", in_quotes(text)));
    }
    return std::string(text);
}

Result<std::string> parse_ipv4(std::string_view text) {
    if (!is_address(AF_INET, text)) {
        return fail(Fault::invalid, fmt::format("{} is not an IPv4 address", in_quotes(text)));
    }
    return std::string(text);
}

Result<std::string> parse_ip(std::string_view text) {
    if (!is_address(AF_INET, text) && !is_address(AF_INET6, text)) {
        return fail(Fault::invalid, fmt::format("{} is not an IP address", in_quotes(text)));
    }
    return std::string(text);
}

}  // namespace img::syntax
