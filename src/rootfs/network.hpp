// The host's name, and what its network cards are told at boot.
#pragma once

#include "base/result.hpp"
#include "kickstart/document.hpp"
#include "system/process_runner.hpp"

#include <string>
#include <string_view>
#include <vector>

namespace img::rootfs {

class Tree;

/// /etc/hosts with the names of `hostname` on 127.0.1.1, as Debian's installer does; other lines
/// stay as they are. Without a name only localhost is seen to. Pure.
std::string hosts_file(std::string_view old, std::string_view hostname);

/// A .network file of systemd-networkd. Fault::invalid: an address or a mask that is none.
Result<std::string> networkd_file(const kickstart::Network& network);

/// A stanza for /etc/network/interfaces.d. Fault::invalid as above, and without --device.
Result<std::string> ifupdown_file(const kickstart::Network& network);

/// /etc/hostname, /etc/hosts, and a file per `network` line that names a card or a protocol.
/// Gives back the services that have to be enabled for them.
Result<std::vector<std::string>> set_network(const Tree& tree,
                                             const std::vector<kickstart::Network>& networks,
                                             const system::LineSink& log);

}  // namespace img::rootfs
