// Network cards as ifupdown is told of them: stanzas for /etc/network/interfaces.d.
#pragma once

#include "base/result.hpp"
#include "network/card.hpp"

#include <span>
#include <vector>

namespace img::network {

/// Fault::invalid: a card without a name, and what ifupdown cannot do.
Result<std::vector<ConfigFile>> ifupdown_files(std::span<const Card> cards);

}  // namespace img::network
