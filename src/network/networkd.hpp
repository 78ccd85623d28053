// Network cards as systemd-networkd is told of them: .network and .netdev files.
#pragma once

#include "base/result.hpp"
#include "network/card.hpp"

#include <span>
#include <vector>

namespace img::network {

/// All files of all cards: a vlan is told to its parent too, a bond to its members. Wireless ones
/// get a file of wpa_supplicant beside theirs. Fault::invalid: what networkd cannot do.
Result<std::vector<ConfigFile>> networkd_files(std::span<const Card> cards);

}  // namespace img::network
