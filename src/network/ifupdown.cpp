#include "network/ifupdown.hpp"

#include "tree/place.hpp"

#include <algorithm>

namespace img::network {
namespace {

using kickstart::NetworkKind;
using tree::refuse;

constexpr auto kInstead = "network-manager";

Result<void> check(const Card& card) {
    if (card.name.empty()) {
        return refuse("network", card.where, "ifupdown needs the card's name: --device=eth0");
    }
    if (card.kind == NetworkKind::wireless) {
        return cannot(card, "ifupdown", "--essid", kInstead);
    }
    const bool dhcp = card.ipv4 == Ipv4::dhcp || card.ipv6 == Ipv6::dhcp;
    if (dhcp && !card.is_default_route) {
        return cannot(card, "ifupdown", "--nodefroute with DHCP", kInstead);
    }
    if (dhcp && !card.uses_offered_dns) {
        return cannot(card, "ifupdown", "--nodns with DHCP", kInstead);
    }
    if (!card.dhcp_class.empty()) {
        return cannot(card, "ifupdown", "--dhcpclass", kInstead);
    }
    return {};
}

/// bond-xmit-hash-policy, as ifenslave has it.
std::string bond_option(std::string name) {
    std::ranges::replace(name, '_', '-');
    return "bond-" + name;
}

Result<std::string> bridge_option(const Card& card, const std::string& name) {
    constexpr std::pair<std::string_view, std::string_view> kNames[] = {
        {"stp", "bridge_stp"},          {"priority", "bridge_bridgeprio"},
        {"forward-delay", "bridge_fd"}, {"hello-time", "bridge_hello"},
        {"max-age", "bridge_maxage"},   {"ageing-time", "bridge_ageing"},
    };
    const auto found = std::ranges::find(kNames, name, [](const auto& row) { return row.first; });
    if (found == std::end(kNames)) {
        return cannot(card, "ifupdown", "setting " + name, kInstead);
    }
    return std::string(found->second);
}

/// What the card is, and not what addresses it has.
Result<std::string> link_lines(const Card& card) {
    std::string text;
    const auto add = [&text](std::string_view key, const std::string& value) {
        text += fmt::format("    {} {}\n", key, value);
    };
    if (card.kind == NetworkKind::bond) {
        add("bond-slaves", fmt::format("{}", fmt::join(card.members, " ")));
        for (const auto& [name, value] : card.options) {
            add(bond_option(name), value);
        }
    }
    if (card.kind == NetworkKind::bridge) {
        add("bridge_ports", fmt::format("{}", fmt::join(card.members, " ")));
        for (const auto& [name, value] : card.options) {
            const std::string key = TRY(bridge_option(card, name));
            add(key, value);
        }
    }
    if (card.kind == NetworkKind::vlan) {
        add("vlan-raw-device", card.parent);
        add("vlan-id", std::to_string(card.vlan_id.value_or(0)));
    }
    if (card.mtu) {
        add("pre-up ip link set dev", fmt::format("{} mtu {}", card.name, *card.mtu));
    }
    if (!card.ethtool.empty()) {
        add("pre-up ethtool -s", fmt::format("{} {}", card.name, fmt::join(card.ethtool, " ")));
    }
    if (card.ipv6 == Ipv6::none) {
        add("up echo 1 >", "/proc/sys/net/ipv6/conf/" + card.name + "/disable_ipv6");
    }
    return text;
}

std::string fixed_lines(const Card& card, const std::string& address, const std::string& gateway) {
    std::string text = "    address " + address + "\n";
    if (!gateway.empty() && card.is_default_route) {
        text += "    gateway " + gateway + "\n";
    }
    return text;
}

std::string ipv6_stanza(const Card& card) {
    const std::string head = "iface " + card.name + " inet6 ";
    switch (card.ipv6) {
        case Ipv6::none: return "";
        case Ipv6::automatic: return card.ipv6_said ? head + "auto\n" : "";
        case Ipv6::dhcp: return head + "dhcp\n";
        case Ipv6::fixed: break;
    }
    return head + "static\n" + fixed_lines(card, card.ipv6_address, card.ipv6_gateway);
}

Result<ConfigFile> file_of(const Card& card) {
    TRY(check(card));
    const std::string method = card.ipv4 == Ipv4::dhcp    ? "dhcp"
                               : card.ipv4 == Ipv4::fixed ? "static"
                                                          : "manual";
    std::string text = card.on_boot ? "auto " + card.name + "\n" : "";
    text += fmt::format("iface {} inet {}\n", card.name, method);
    text += TRY(link_lines(card));
    if (card.ipv4 == Ipv4::fixed) {
        text += fixed_lines(card, card.address, card.gateway);
    }
    if (!card.name_servers.empty()) {
        text += fmt::format("    dns-nameservers {}\n", fmt::join(card.name_servers, " "));
    }
    if (!card.search_domains.empty()) {
        text += fmt::format("    dns-search {}\n", fmt::join(card.search_domains, " "));
    }
    return ConfigFile{.path = "/etc/network/interfaces.d/" + card.file_name(),
                      .text = text + ipv6_stanza(card)};
}

}  // namespace

Result<std::vector<ConfigFile>> ifupdown_files(std::span<const Card> cards) {
    std::vector<ConfigFile> files;
    for (const auto& card : cards) {
        files.push_back(TRY(file_of(card)));
    }
    return files;
}

}  // namespace img::network
