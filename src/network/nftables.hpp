// A firewall as nftables loads it at boot: /etc/nftables.conf.
#pragma once

#include "base/result.hpp"
#include "kickstart/document.hpp"
#include "network/service_ports.hpp"

#include <string>

namespace img::network {

/// The whole file: what answers, what is asked for by name or number and what comes by a trusted
/// card gets in, nothing else does. `firewall` has been checked. Fault::invalid: a service that
/// `known` has not, with the nearest.
Result<std::string> nftables_file(const kickstart::Firewall& firewall, const ServicePorts& known);

}  // namespace img::network
