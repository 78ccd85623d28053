// Network cards as the initscripts of older RPM systems are told of them: ifcfg files.
#pragma once

#include "base/result.hpp"
#include "network/card.hpp"

#include <span>
#include <vector>

namespace img::network {

/// Shells read them. Keys of wireless networks are in keys-NAME, 0600.
/// Fault::invalid: a card without a name.
Result<std::vector<ConfigFile>> ifcfg_files(std::span<const Card> cards);

}  // namespace img::network
