#include "network/ifcfg.hpp"

#include "tree/place.hpp"
#include "tree/plain_text.hpp"

namespace img::network {
namespace {

using kickstart::NetworkKind;
using tree::refuse;
using tree::shell_quoted;

constexpr std::string_view kFolder = "/etc/sysconfig/network-scripts/";

/// KEY=value lines; empty values are left out.
class Assignments {
public:
    Assignments& add(std::string_view key, const std::string& value) {
        if (!value.empty()) {
            text_ += fmt::format("{}={}\n", key, shell_quoted(value));
        }
        return *this;
    }
    std::string text() && { return std::move(text_); }

private:
    std::string text_;
};

std::string yes(bool value) {
    return value ? "yes" : "no";
}

void add_addresses(const Card& card, Assignments& out) {
    out.add("BOOTPROTO", card.ipv4 == Ipv4::dhcp ? "dhcp" : "none");
    if (card.ipv4 == Ipv4::fixed) {
        const auto slash = card.address.find('/');
        out.add("IPADDR", card.address.substr(0, slash))
            .add("PREFIX", card.address.substr(slash + 1))
            .add("GATEWAY", card.gateway);
    }
    out.add("IPV6INIT", yes(card.ipv6 != Ipv6::none));
    if (card.ipv6_said && card.ipv6 != Ipv6::none) {
        out.add("IPV6_AUTOCONF", yes(card.ipv6 == Ipv6::automatic))
            .add("DHCPV6C", card.ipv6 == Ipv6::dhcp ? "yes" : "")
            .add("IPV6ADDR", card.ipv6_address)
            .add("IPV6_DEFAULTGW", card.ipv6_gateway);
    }
    std::size_t number = 0;
    for (const auto& server : card.name_servers) {
        out.add(fmt::format("DNS{}", ++number), server);
    }
    out.add("DOMAIN", fmt::format("{}", fmt::join(card.search_domains, " ")))
        .add("PEERDNS", card.uses_offered_dns ? "" : "no")
        .add("DEFROUTE", card.is_default_route ? "" : "no")
        .add("DHCP_VENDOR_CLASS_IDENTIFIER", card.dhcp_class);
}

void add_kind(const Card& card, Assignments& out) {
    std::vector<std::string> options;
    for (const auto& [name, value] : card.options) {
        if (card.kind == NetworkKind::bridge && (name == "stp" || name == "forward-delay")) {
            out.add(name == "stp" ? "STP" : "DELAY", value);
        } else {
            options.push_back(name + "=" + value);
        }
    }
    switch (card.kind) {
        case NetworkKind::bond:
            out.add("TYPE", "Bond").add("BONDING_MASTER", "yes");
            out.add("BONDING_OPTS", fmt::format("{}", fmt::join(options, " ")));
            break;
        case NetworkKind::bridge:
            out.add("TYPE", "Bridge")
                .add("BRIDGING_OPTS", fmt::format("{}", fmt::join(options, " ")));
            break;
        case NetworkKind::vlan:
            out.add("TYPE", "Vlan").add("VLAN", "yes").add("PHYSDEV", card.parent);
            out.add("VLAN_ID", std::to_string(card.vlan_id.value_or(0)));
            break;
        case NetworkKind::wireless:
            out.add("TYPE", "Wireless").add("MODE", "Managed").add("ESSID", card.essid);
            out.add("KEY_MGMT", card.wpa_key.empty() ? "" : "WPA-PSK");
            break;
        case NetworkKind::plain:
        case NetworkKind::team: out.add("TYPE", "Ethernet"); break;
    }
}

}  // namespace

Result<std::vector<ConfigFile>> ifcfg_files(std::span<const Card> cards) {
    std::vector<ConfigFile> files;
    for (const auto& card : cards) {
        if (card.name.empty()) {
            return refuse("network", card.where,
                          "the image's network scripts need the card's name: --device=eth0");
        }
        Assignments out;
        out.add("DEVICE", card.name);
        add_kind(card, out);
        out.add("ONBOOT", yes(card.on_boot));
        add_addresses(card, out);
        out.add("MTU", card.mtu ? std::to_string(*card.mtu) : "")
            .add("ETHTOOL_OPTS", fmt::format("{}", fmt::join(card.ethtool, " ")));
        files.push_back(
            {.path = fmt::format("{}ifcfg-{}", kFolder, card.name), .text = std::move(out).text()});
        for (const auto& member : card.members) {
            Assignments port;
            port.add("DEVICE", member).add("TYPE", "Ethernet").add("ONBOOT", "yes");
            port.add("BOOTPROTO", "none");
            if (card.kind == NetworkKind::bond) {
                port.add("MASTER", card.name).add("SLAVE", "yes");
            } else {
                port.add("BRIDGE", card.name);
            }
            files.push_back({.path = fmt::format("{}ifcfg-{}", kFolder, member),
                             .text = std::move(port).text()});
        }
        if (!card.wpa_key.empty() || !card.wep_key.empty()) {
            Assignments keys;
            keys.add("WPA_PSK", card.wpa_key).add("KEY", card.wep_key);
            files.push_back({.path = fmt::format("{}keys-{}", kFolder, card.name),
                             .text = std::move(keys).text(),
                             .mode = 0600});
        }
    }
    return files;
}

}  // namespace img::network
