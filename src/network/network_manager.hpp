// Network cards as NetworkManager is told of them: its key files.
#pragma once

#include "base/result.hpp"
#include "network/card.hpp"

#include <span>
#include <vector>

namespace img::network {

/// A connection a card, and one for each member of a bond or a bridge; all 0600, as they may hold
/// keys and NetworkManager reads no others. Fault::invalid: what a key file cannot say.
Result<std::vector<ConfigFile>> network_manager_files(std::span<const Card> cards);

/// A value of a key file: GKeyFile reads a backslash and a blank at the front as no others. Pure.
std::string keyfile_value(std::string_view text);

}  // namespace img::network
