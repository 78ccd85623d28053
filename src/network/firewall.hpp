// What the image lets in from the network, by whichever firewall it has.
#pragma once

#include "base/result.hpp"
#include "kickstart/document.hpp"
#include "system/process_runner.hpp"

namespace img::tree {
class Tree;
}

namespace img::network {

/// The words for firewalld's tool, and for lokkit, from which it has them. Pure.
system::Command firewall_command(const tree::Tree& tree,
                                 const kickstart::Firewall& firewall,
                                 bool is_lokkit);

/// firewalld where it is, else nftables, else the lokkit of old RPM systems. Gives back what is
/// to be enabled and disabled. Fault::invalid: no firewall in the image, with the package to add;
/// a port, a service or a card that is none.
Result<kickstart::Services> set_firewall(system::CommandRunner& runner,
                                         const tree::Tree& tree,
                                         const kickstart::Firewall& firewall);

}  // namespace img::network
