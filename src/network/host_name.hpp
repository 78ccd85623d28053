// The host's name: /etc/hostname, /etc/hosts, and /etc/sysconfig/network on old RPM trees.
#pragma once

#include "base/result.hpp"
#include "kickstart/document.hpp"

#include <string>
#include <string_view>
#include <vector>

namespace img::tree {
class Tree;
}

namespace img::network {

/// /etc/hosts with the names of `hostname` on 127.0.1.1, as Debian's installer does; other lines
/// stay as they are. Without a name only localhost is seen to. Pure.
std::string hosts_file(std::string_view old, std::string_view hostname);

/// The last name of the `network` lines. Fault::invalid: it is none.
Result<void> set_host_name(const tree::Tree& tree, const std::vector<kickstart::Network>& networks);

}  // namespace img::network
