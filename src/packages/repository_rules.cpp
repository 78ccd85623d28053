#include "packages/repository_rules.hpp"

#include "packages/repository_url.hpp"

#include <algorithm>
#include <array>
#include <fmt/format.h>
#include <span>

namespace img::packages {
namespace {

constexpr std::array<std::string_view, 7> kSchemes{
    "http", "https", "file", "copy", "mirror+http", "mirror+https", "mirror+file"};
constexpr std::array<std::string_view, 3> kListSchemes{"http", "https", "file"};
constexpr std::array<std::string_view, 3> kProxySchemes{"http", "https", "socks5h"};

bool is_word(std::string_view text, std::string_view further) {
    return std::ranges::all_of(text, [&](char c) {
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
               further.contains(c);
    });
}

/// A token of auth.conf, which knows no quoting (apt_auth.conf(5)).
bool is_token(std::string_view text) {
    return std::ranges::all_of(text, [](char c) {
        const auto byte = static_cast<unsigned char>(c);
        return byte > ' ' && byte != 0x7f && c != '"' && c != '\'' && c != '\\';
    });
}

/// Looks at one repository, and remembers what is wrong with it.
class Check {
public:
    explicit Check(Repository& repository) : repository_(repository) {}

    std::string problems() {
        if (repository_.url.empty() == repository_.mirrorlist.empty()) {
            say("needs a URL or a mirror list, and not both");
        }
        if (!repository_.url.empty()) {
            check_url(repository_.url, kSchemes, "its URL");
        }
        if (!repository_.mirrorlist.empty()) {
            check_url(repository_.mirrorlist, kListSchemes, "the URL of its mirror list");
        }
        check_proxy();
        check_words();
        return problems_;
    }

private:
    void say(std::string_view text) {
        problems_ += fmt::format("{}{}: repository {}: {}", problems_.empty() ? "" : "\n",
                                 repository_.origin, shown_name(), text);
    }
    std::string shown_name() const {
        return is_word(repository_.name, "-._ ") ? repository_.name : "of this line";
    }

    void check_url(std::string& text, std::span<const std::string_view> schemes, const char* what) {
        const auto url = parse_repository_url(text);
        if (!url) {
            say(fmt::format("{}: {}", what, url.error().message));
            return;
        }
        if (std::ranges::find(schemes, url->scheme) == schemes.end()) {
            say(fmt::format("{}: '{}' is no way to fetch it; there are {}", what, url->scheme,
                            fmt::join(schemes, ", ")));
        }
        if (!url->user.empty()) {
            if (repository_.user.empty()) {
                repository_.user = url->user;
                repository_.password = url->password;
            }
            text = url->plain();
        }
    }

    void check_proxy() {
        if (repository_.proxy.empty()) {
            return;
        }
        const auto proxy = parse_repository_url(repository_.proxy);
        if (!proxy) {
            say(fmt::format("its proxy: {}", proxy.error().message));
        } else if (std::ranges::find(kProxySchemes, proxy->scheme) == kProxySchemes.end() ||
                   proxy->host.empty()) {
            say("its proxy: write it as http://host:port");
        }
    }

    void check_words() {
        if (repository_.suite.empty() || !is_word(repository_.suite, "-._/~+")) {
            say("the suite has letters, digits and -._/~+ only, such as bookworm");
        }
        const auto all_words = [](const auto& words, std::string_view further) {
            return std::ranges::all_of(
                words, [&](const auto& word) { return !word.empty() && is_word(word, further); });
        };
        if (!all_words(repository_.components, "-._/~+")) {
            say("a component has letters, digits and -._/~+ only, such as main");
        }
        if (!all_words(repository_.include_packages, "-.+*?[]") ||
            !all_words(repository_.exclude_packages, "-.+*?[]")) {
            say("names of packages to include or exclude have letters, digits, -.+ and the signs "
                "*?[] of a pattern only");
        }
        if (!is_token(repository_.user) || !is_token(repository_.password)) {
            say("its user and password may have no blanks, quotes, backslashes or control "
                "characters: apt cannot be told those");
        }
        if (repository_.user.empty() && !repository_.password.empty()) {
            say("a password needs a user");
        }
        if (repository_.priority && (*repository_.priority < 1 || *repository_.priority > 99)) {
            say("the priority is from 1, the first, to 99, the last");
        }
    }

    Repository& repository_;
    std::string problems_;
};

}  // namespace

Result<std::vector<Repository>> checked(std::vector<Repository> repositories) {
    std::vector<std::string> problems;
    for (auto& repository : repositories) {
        if (std::string text = Check(repository).problems(); !text.empty()) {
            problems.push_back(std::move(text));
        }
    }
    if (!problems.empty()) {
        return fail(Fault::invalid, fmt::format("{}", fmt::join(problems, "\n")));
    }
    return repositories;
}

}  // namespace img::packages
