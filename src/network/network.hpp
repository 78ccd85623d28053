// The network of a tree: the host's name, its cards, and who resolves names; and in files of their
// own its firewall and where its clock gets the time from.
//
// Knows the programs that see to these, and their files. Must never know the rest of a tree's
// configuration: what has to be enabled is given back.
#pragma once

#include "base/result.hpp"
#include "kickstart/document.hpp"
#include "system/process_runner.hpp"

#include <string>
#include <vector>

namespace img::tree {
class Tree;
}

namespace img::network {

/// Who runs the cards of a tree.
enum class NetworkBackEnd { none, networkd, network_manager, ifupdown, ifcfg };

/// Two services that run one card undo each other's work, so exactly one is chosen:
/// on RPM trees NetworkManager, the network scripts where they are installed, networkd; and the
/// scripts' files on a tree without systemd, whose own service may read them.
/// On Debian NetworkManager where its service is enabled or nothing else is there, else networkd,
/// which is in every tree with systemd, else ifupdown.
NetworkBackEnd network_back_end(const tree::Tree& tree);

/// The name's files, and those of the back end for every `network` line that names a card or a
/// protocol. Gives back the services that have to be enabled for them. Fault::invalid: what is no
/// address or name, and what the back end cannot do, with the package that can.
Result<std::vector<std::string>> set_network(const tree::Tree& tree,
                                             const std::vector<kickstart::Network>& networks,
                                             const system::LineSink& log);

}  // namespace img::network
