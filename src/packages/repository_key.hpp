// The key that signs a repository: whence it may come, and what it looks like.
#pragma once

#include "base/result.hpp"
#include "packages/packages.hpp"

#include <string>
#include <string_view>

namespace img::packages {

/// Is the keyring of a repository to be fetched? Fault::invalid: over plain http, as such a key
/// could be anyone's, unless from this machine itself; or from no URL that can be fetched.
Result<bool> is_fetched(const Repository& repository);

/// ".asc" for an armored OpenPGP key, ".gpg" for a binary one, which apt wants to be told apart.
/// Fault::invalid: `text` is neither.
Result<std::string> key_suffix(std::string_view text);

}  // namespace img::packages
