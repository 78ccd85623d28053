#include "packages/repository_url.hpp"

#include <algorithm>
#include <charconv>
#include <fmt/format.h>
#include <optional>

namespace img::packages {
namespace {

bool is_letter_or_digit(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
}

/// RFC 3986's, but for the apostrophe and "#", with which sources.list(5) begins a comment.
bool is_url_character(char c) {
    return is_letter_or_digit(c) || std::string_view("-._~%!$&()*+,;=:@/?[]").contains(c);
}

std::optional<std::string> percent_decoded(std::string_view text) {
    std::string out;
    for (std::size_t i = 0; i < text.size(); ++i) {
        if (text[i] != '%') {
            out += text[i];
            continue;
        }
        unsigned code = 0;
        const char* const end = text.data() + std::min(i + 3, text.size());
        const auto read = std::from_chars(text.data() + i + 1, end, code, 16);
        if (read.ec != std::errc() || read.ptr != text.data() + i + 3) {
            return {};
        }
        out += static_cast<char>(code);
        i += 2;
    }
    return out;
}

/// Takes "user:password@" off the front of an authority.
Result<void> take_user(std::string_view& authority, RepositoryUrl& url) {
    const auto at = authority.rfind('@');
    if (at == std::string_view::npos) {
        return {};
    }
    const std::string_view who = authority.substr(0, at);
    const auto colon = who.find(':');
    const auto user = percent_decoded(who.substr(0, colon));
    const auto password = percent_decoded(colon == std::string_view::npos ? std::string_view()
                                                                          : who.substr(colon + 1));
    if (!user || !password) {
        return fail(Fault::invalid, "the user or password has a % without two digits behind it");
    }
    url.user = *user;
    url.password = *password;
    authority.remove_prefix(at + 1);
    return {};
}

}  // namespace

std::string RepositoryUrl::authority() const {
    const std::string name = host.contains(':') ? fmt::format("[{}]", host) : host;
    return port.empty() ? name : fmt::format("{}:{}", name, port);
}

std::string RepositoryUrl::plain() const {
    return fmt::format("{}:{}{}{}", scheme, host.empty() ? "" : "//", authority(), path);
}

bool RepositoryUrl::is_loopback() const {
    return host == "localhost" || host == "::1" ||
           (host.starts_with("127.") && host.find_first_not_of("0123456789.") == std::string::npos);
}

Result<RepositoryUrl> parse_repository_url(std::string_view text) {
    if (!std::ranges::all_of(text, is_url_character)) {
        return fail(Fault::invalid,
                    "a URL has no blanks, quotes or control characters; write them as %XX");
    }
    const auto colon = text.find(':');
    if (colon == 0 || colon == std::string_view::npos || text.find('/') < colon) {
        return fail(Fault::invalid, "a URL begins with its scheme, such as https://");
    }
    RepositoryUrl url{.scheme = std::string(text.substr(0, colon))};
    text.remove_prefix(colon + 1);
    if (text.starts_with("//")) {
        text.remove_prefix(2);
        const auto slash = std::min(text.find_first_of("/?"), text.size());
        std::string_view authority = text.substr(0, slash);
        text.remove_prefix(slash);
        TRY(take_user(authority, url));
        const bool six = authority.starts_with('[');
        const auto host_end =
            six ? authority.find(']') : std::min(authority.find(':'), authority.size());
        if (host_end == std::string_view::npos) {
            return fail(Fault::invalid, "the URL's host has a bracket that is not closed");
        }
        url.host = authority.substr(six ? 1 : 0, host_end - (six ? 1 : 0));
        std::string_view rest = authority.substr(host_end + (six ? 1 : 0));
        if (rest.starts_with(':')) {
            url.port = rest.substr(1);
            rest = {};
        }
        const auto bad = [](char c) {
            return !is_letter_or_digit(c) && !std::string_view("-._:").contains(c);
        };
        if (!rest.empty() || std::ranges::any_of(url.host, bad) ||
            url.port.find_first_not_of("0123456789") != std::string::npos) {
            return fail(Fault::invalid, "the URL's host or port is none");
        }
    }
    url.path = text;
    return url;
}

}  // namespace img::packages
