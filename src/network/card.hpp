// A `network` line about a card, checked and in the terms that all back ends share.
#pragma once

#include "base/result.hpp"
#include "kickstart/document.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace img::network {

/// A file that a back end wants in the tree.
struct ConfigFile {
    std::string path;
    std::string text;
    unsigned mode = 0644;

    bool operator==(const ConfigFile&) const = default;
};

enum class Ipv4 { none, dhcp, fixed };
enum class Ipv6 { none, automatic, dhcp, fixed };

/// Every text here was held against its own character set: none can end its line in a file.
struct Card {
    std::string name;    ///< "eth0", "bond0"; of a vlan its own. Empty: see `mac`.
    std::string mac;     ///< Both empty: every Ethernet card.
    std::string parent;  ///< Of a vlan.
    Ipv4 ipv4 = Ipv4::dhcp;
    std::string address;  ///< "10.0.0.5/23"
    std::string gateway;
    Ipv6 ipv6 = Ipv6::automatic;
    bool ipv6_said = false;    ///< --ipv6 or --noipv6: not just what is usual.
    std::string ipv6_address;  ///< "fd00::5/64"
    std::string ipv6_gateway;
    std::vector<std::string> name_servers;
    std::vector<std::string> search_domains;
    bool uses_offered_dns = true;
    bool is_default_route = true;
    bool on_boot = true;
    std::optional<unsigned> mtu;
    std::string dhcp_class;
    std::vector<std::string> ethtool;  ///< Pairs: speed 100 duplex full.
    kickstart::NetworkKind kind = kickstart::NetworkKind::plain;
    std::vector<std::string> members;
    std::vector<std::pair<std::string, std::string>> options;  ///< mode=active-backup
    std::optional<unsigned> vlan_id;
    std::string essid, wep_key, wpa_key;
    kickstart::Location where;

    bool is_any() const { return name.empty() && mac.empty(); }
    /// The name of its files: "eth0", "52-54-00-00-00-01", "ethernet".
    std::string file_name() const;
};

bool is_host_name(std::string_view name);
bool is_ip_address(const std::string& text);

/// Whether the line is about a card, and not only about the host's name.
bool is_about_a_card(const kickstart::Network& network);

/// Fault::invalid, with the line: what is no address, no name, no key; and what no image can have.
Result<Card> make_card(const kickstart::Network& network);

/// Fault::invalid for what a back end cannot do: "network (demo.ks:4): ifupdown has no --nodns;
/// add network-manager to %packages". `package` is the way out.
std::unexpected<Error> cannot(const Card& card,
                              std::string_view back_end,
                              std::string_view option,
                              std::string_view package);

}  // namespace img::network
