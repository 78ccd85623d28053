#include "packages/repository_key.hpp"

#include "base/text.hpp"
#include "packages/repository_url.hpp"

#include <fmt/format.h>

namespace img::packages {

Result<bool> is_fetched(const Repository& repository) {
    if (!repository.keyring.contains("://")) {
        return false;
    }
    const auto refuse = [&](std::string_view text) {
        return fail(Fault::invalid, fmt::format("{}: the key of repository {}: {}",
                                                repository.origin, repository.name, text));
    };
    const auto url = parse_repository_url(repository.keyring);
    if (!url) {
        return refuse(url.error().message);
    }
    if (url->scheme == "https" || (url->scheme == "http" && url->is_loopback())) {
        return true;
    }
    if (url->scheme == "http") {
        return refuse(
            "over plain http it could be anyone's; name it with https://, or fetch it, look at "
            "it and name the file");
    }
    return refuse("it can be a file or an https:// URL");
}

Result<std::string> key_suffix(std::string_view text) {
    if (trim(text).starts_with("-----BEGIN PGP PUBLIC KEY BLOCK-----")) {
        return ".asc";
    }
    // RFC 4880, 4.2: a packet of tag 6, a public key, in the old form or the new one.
    const unsigned char first = text.empty() ? 0 : static_cast<unsigned char>(text.front());
    if ((first & 0xFCU) == 0x98 || first == 0xC6) {
        return ".gpg";
    }
    return fail(Fault::invalid, "this is no OpenPGP public key, neither armored nor binary");
}

}  // namespace img::packages
