#include "network/service_ports.hpp"

#include "base/text.hpp"

#include <algorithm>

namespace img::network {
namespace {

/// firewalld's, where /etc/services has another name or other ports; and ssh, http and https, for
/// trees without that file.
const ServicePorts& names_of_firewalld() {
    static const ServicePorts names{
        {"bittorrent-lsd", {{"6771", "udp"}}},
        {"cockpit", {{"9090", "tcp"}}},
        {"dhcp", {{"67", "udp"}}},
        {"dhcpv6", {{"547", "udp"}}},
        {"dhcpv6-client", {{"546", "udp"}}},
        {"dns", {{"53", "tcp"}, {"53", "udp"}}},
        {"freeipa-ldap", {{"80", "tcp"}, {"443", "tcp"}, {"88", "tcp"}, {"389", "tcp"}}},
        {"ftp", {{"21", "tcp"}}},
        {"http", {{"80", "tcp"}}},
        {"https", {{"443", "tcp"}}},
        {"imap", {{"143", "tcp"}}},
        {"imaps", {{"993", "tcp"}}},
        {"ipp", {{"631", "tcp"}}},
        {"ipp-client", {{"631", "udp"}}},
        {"kerberos", {{"88", "tcp"}, {"88", "udp"}}},
        {"libvirt", {{"16509", "tcp"}}},
        {"mdns", {{"5353", "udp"}}},
        {"mosh", {{"60000-61000", "udp"}}},
        {"mysql", {{"3306", "tcp"}}},
        {"nfs", {{"2049", "tcp"}}},
        {"ntp", {{"123", "udp"}}},
        {"openvpn", {{"1194", "udp"}}},
        {"postgresql", {{"5432", "tcp"}}},
        {"rdp", {{"3389", "tcp"}}},
        {"samba", {{"137", "udp"}, {"138", "udp"}, {"139", "tcp"}, {"445", "tcp"}}},
        {"smtp", {{"25", "tcp"}}},
        {"snmp", {{"161", "udp"}}},
        {"ssh", {{"22", "tcp"}}},
        {"syslog", {{"514", "udp"}}},
        {"tftp", {{"69", "udp"}}},
        {"vnc-server", {{"5900-5903", "tcp"}}},
        {"wireguard", {{"51820", "udp"}}},
    };
    return names;
}

}  // namespace

ServicePorts service_ports(std::string_view etc_services) {
    ServicePorts ports;
    for (const auto& line : split(etc_services, "\n")) {
        const auto words = split(std::string_view(line).substr(0, line.find('#')), " \t");
        const auto slash = words.size() < 2 ? std::string::npos : words[1].find('/');
        if (slash == std::string::npos || slash == 0 ||
            words[1].find_first_not_of("0123456789") != slash) {
            continue;
        }
        const Port port{words[1].substr(0, slash), words[1].substr(slash + 1)};
        if (port.protocol != "tcp" && port.protocol != "udp" && port.protocol != "sctp" &&
            port.protocol != "dccp") {
            continue;
        }
        for (std::size_t i = 0; i < words.size(); ++i) {
            if (i != 1) {
                ports[words[i]].push_back(port);
            }
        }
    }
    for (const auto& [name, theirs] : names_of_firewalld()) {
        ports.try_emplace(name, theirs);
    }
    return ports;
}

}  // namespace img::network
