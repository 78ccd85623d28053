// Which ports a named service uses: ssh is 22/tcp.
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace img::network {

/// "22", or "1024-2000", of a protocol: tcp, udp, sctp, dccp.
struct Port {
    std::string numbers;
    std::string protocol;

    bool operator==(const Port&) const = default;
};

using ServicePorts = std::map<std::string, std::vector<Port>>;

/// The names of an /etc/services with its aliases, and those of firewalld that it has not. Pure.
ServicePorts service_ports(std::string_view etc_services);

}  // namespace img::network
