// The URL of an archive, a key or a proxy in its parts, with the password apart from the rest.
#pragma once

#include "base/result.hpp"

#include <string>
#include <string_view>

namespace img::packages {

struct RepositoryUrl {
    std::string scheme{};  ///< "https", "mirror+file"
    std::string user{};    ///< Without percent-encoding, as is the password.
    std::string password{};
    std::string host{};  ///< Without the brackets of an IPv6 address; empty: a file's.
    std::string port{};
    std::string path{};  ///< From the first slash on, with a query.

    /// Nobody's name and password in it.
    std::string plain() const;
    /// "host:port", as a URL writes it.
    std::string authority() const;
    /// 127.0.0.0/8, ::1 or localhost: this machine, which nobody can stand in the way of.
    bool is_loopback() const;
};

/// Only characters that a URL has, and none that would end a word or a quotation in a file of
/// apt's. Fault::invalid: another one, or no scheme; the message does not repeat the text, since a
/// password may be in it.
Result<RepositoryUrl> parse_repository_url(std::string_view text);

}  // namespace img::packages
