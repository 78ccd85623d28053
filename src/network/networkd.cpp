#include "network/networkd.hpp"

#include <algorithm>
#include <fmt/format.h>
#include <fmt/ranges.h>

namespace img::network {
namespace {

using kickstart::NetworkKind;

constexpr auto kFolder = "/etc/systemd/network/";

/// How networkd calls a setting of a bond or a bridge; `unit` follows a number's digits.
struct Setting {
    std::string_view kickstart, networkd, unit;
};
constexpr Setting kBondSettings[] = {
    {"mode", "Mode", ""},
    {"miimon", "MIIMonitorSec", "ms"},
    {"updelay", "UpDelaySec", "ms"},
    {"downdelay", "DownDelaySec", "ms"},
    {"lacp_rate", "LACPTransmitRate", ""},
    {"xmit_hash_policy", "TransmitHashPolicy", ""},
    {"fail_over_mac", "FailOverMACPolicy", ""},
    {"ad_select", "AdSelect", ""},
    {"min_links", "MinLinks", ""},
    {"primary_reselect", "PrimaryReselectPolicy", ""},
    {"arp_interval", "ARPIntervalSec", "ms"},
    {"arp_ip_target", "ARPIPTargets", ""},
};
constexpr Setting kBridgeSettings[] = {
    {"stp", "STP", ""},
    {"priority", "Priority", ""},
    {"forward-delay", "ForwardDelaySec", "s"},
    {"hello-time", "HelloTimeSec", "s"},
    {"max-age", "MaxAgeSec", "s"},
    {"ageing-time", "AgeingTimeSec", "s"},
    {"multicast-snooping", "MulticastSnooping", ""},
};
constexpr std::string_view kModes[] = {"balance-rr", "active-backup", "balance-xor", "broadcast",
                                       "802.3ad",    "balance-tlb",   "balance-alb"};

/// The kernel takes a bond's mode by number too; networkd does not.
std::string mode_name(const std::string& mode) {
    return mode.size() == 1 && mode[0] >= '0' && mode[0] <= '6'
               ? std::string(kModes[static_cast<std::size_t>(mode[0] - '0')])
               : mode;
}

Result<std::string> settings(const Card& card,
                             std::span<const Setting> known,
                             std::string_view section) {
    std::string text;
    for (const auto& [name, value] : card.options) {
        if (card.kind == NetworkKind::bond && name == "primary") {
            continue;  // told to the member
        }
        const auto setting = std::ranges::find(known, name, &Setting::kickstart);
        if (setting == known.end()) {
            return cannot(card, "systemd-networkd", "setting " + name, "network-manager");
        }
        text += fmt::format("{}={}{}\n", setting->networkd,
                            name == "mode" ? mode_name(value) : value, setting->unit);
    }
    return text.empty() ? text : fmt::format("\n[{}]\n{}", section, text);
}

Result<std::string> netdev_text(const Card& card) {
    const std::string head = "[NetDev]\nName=" + card.name + "\nKind=";
    switch (card.kind) {
        case NetworkKind::bond: return head + "bond\n" + TRY(settings(card, kBondSettings, "Bond"));
        case NetworkKind::bridge:
            return head + "bridge\n" + TRY(settings(card, kBridgeSettings, "Bridge"));
        case NetworkKind::vlan:
            return fmt::format("{}vlan\n\n[VLAN]\nId={}\n", head, card.vlan_id.value_or(0));
        case NetworkKind::plain:
        case NetworkKind::team:
        case NetworkKind::wireless: break;
    }
    return std::string();
}

/// "" where networkd's own answer is the right one.
std::string dhcp(const Card& card) {
    const bool four = card.ipv4 == Ipv4::dhcp;
    const bool six = card.ipv6 == Ipv6::dhcp || (four && card.ipv6 == Ipv6::automatic);
    return four && six ? "yes" : four ? "ipv4" : six ? "ipv6" : "";
}

std::string match(const Card& card) {
    if (card.is_any()) {
        return "[Match]\nType=ether\n";
    }
    return card.name.empty() ? "[Match]\nMACAddress=" + card.mac + "\n"
                             : "[Match]\nName=" + card.name + "\n";
}

std::string network_section(const Card& card, const std::vector<std::string>& vlans) {
    std::string text = "\n[Network]\n";
    const auto add = [&text](std::string_view key, const std::string& value) {
        if (!value.empty()) {
            text += fmt::format("{}={}\n", key, value);
        }
    };
    add("DHCP", dhcp(card));
    add("Address", card.address);
    add("Address", card.ipv6_address);
    if (card.ipv6 == Ipv6::none) {
        text += "LinkLocalAddressing=no\n";
    }
    if (card.ipv6 == Ipv6::none || card.ipv6 == Ipv6::fixed) {
        text += "IPv6AcceptRA=no\n";
    }
    if (card.is_default_route) {
        add("Gateway", card.gateway);
        add("Gateway", card.ipv6_gateway);
    }
    for (const auto& server : card.name_servers) {
        add("DNS", server);
    }
    add("Domains", fmt::format("{}", fmt::join(card.search_domains, " ")));
    for (const auto& vlan : vlans) {
        add("VLAN", vlan);
    }
    return text;
}

/// What the servers of DHCP and the routers offer and this card does not take.
std::string refusals(const Card& card) {
    std::string refused;
    if (!card.uses_offered_dns) {
        refused += "UseDNS=no\n";
    }
    const std::string gateway = card.is_default_route ? "" : "UseGateway=no\n";
    std::string text;
    if (card.ipv4 == Ipv4::dhcp) {
        const std::string own =
            refused + gateway +
            (card.dhcp_class.empty() ? "" : "VendorClassIdentifier=" + card.dhcp_class + "\n");
        text += own.empty() ? "" : "\n[DHCPv4]\n" + own;
    }
    if (card.ipv6 == Ipv6::dhcp || card.ipv6 == Ipv6::automatic) {
        text += refused.empty() ? "" : "\n[DHCPv6]\n" + refused;
        text += (refused + gateway).empty() ? "" : "\n[IPv6AcceptRA]\n" + refused + gateway;
    }
    return text;
}

std::string network_text(const Card& card, const std::vector<std::string>& vlans) {
    std::string link;
    if (card.mtu) {
        link += fmt::format("MTUBytes={}\n", *card.mtu);
    }
    if (!card.on_boot) {
        link += "ActivationPolicy=manual\nRequiredForOnline=no\n";
    }
    return match(card) + (link.empty() ? "" : "\n[Link]\n" + link) + network_section(card, vlans) +
           refusals(card);
}

std::string member_text(const Card& card, const std::string& member) {
    const bool is_primary =
        std::ranges::find(card.options, std::pair(std::string("primary"), member)) !=
        card.options.end();
    return fmt::format("[Match]\nName={}\n\n[Network]\n{}={}\n{}", member,
                       card.kind == NetworkKind::bond ? "Bond" : "Bridge", card.name,
                       is_primary ? "PrimarySlave=yes\n" : "");
}

/// The name in hexadecimal digits, so that it may have any byte; a key is plain ASCII, and
/// wpa_supplicant reads it up to the line's last quotation mark.
ConfigFile wireless_file(const Card& card) {
    std::string key = "\tkey_mgmt=NONE\n";
    if (!card.wpa_key.empty()) {
        key = fmt::format("\tpsk=\"{}\"\n", card.wpa_key);
    } else if (!card.wep_key.empty()) {
        const bool is_hex = card.wep_key.size() == 10 || card.wep_key.size() == 26;
        key += fmt::format("\twep_key0={0}{1}{0}\n", is_hex ? "" : "\"", card.wep_key);
    }
    return {
        .path = fmt::format("/etc/wpa_supplicant/wpa_supplicant-{}.conf", card.name),
        .text = fmt::format(
            "ctrl_interface=/run/wpa_supplicant\n\nnetwork={{\n"
            "\tssid={:02x}\n{}}}\n",
            fmt::join(std::vector<unsigned char>(card.essid.begin(), card.essid.end()), ""), key),
        .mode = 0600};
}

/// 70: before the catch-all files that packages bring, after an administrator's. The one for any
/// card comes behind those that name theirs.
std::string path_of(const Card& card, std::string_view suffix) {
    return fmt::format("{}{}-{}.{}", kFolder, card.is_any() ? 71 : 70, card.file_name(), suffix);
}

}  // namespace

Result<std::vector<ConfigFile>> networkd_files(std::span<const Card> cards) {
    std::vector<ConfigFile> files;
    for (const auto& card : cards) {
        std::vector<std::string> vlans;
        for (const auto& other : cards) {
            if (!card.name.empty() && other.parent == card.name) {
                vlans.push_back(other.name);
            }
        }
        if (!card.ethtool.empty()) {
            return cannot(card, "systemd-networkd", "--ethtool", "network-manager");
        }
        if (const std::string netdev = TRY(netdev_text(card)); !netdev.empty()) {
            files.push_back({.path = path_of(card, "netdev"), .text = netdev});
        }
        files.push_back({.path = path_of(card, "network"), .text = network_text(card, vlans)});
        for (const auto& member : card.members) {
            files.push_back({.path = fmt::format("{}70-{}.network", kFolder, member),
                             .text = member_text(card, member)});
        }
        const bool has_parent = card.parent.empty() ||
                                std::ranges::find(cards, card.parent, &Card::name) != cards.end();
        if (!has_parent) {
            files.push_back(
                {.path = fmt::format("{}70-{}.network", kFolder, card.parent),
                 .text = fmt::format("[Match]\nName={}\n\n[Network]\nLinkLocalAddressing=no\n"
                                     "VLAN={}\n",
                                     card.parent, card.name)});
        }
        if (card.kind == NetworkKind::wireless && card.name.empty()) {
            return cannot(card, "systemd-networkd", "wireless network without --device=wlan0",
                          "network-manager");
        }
        if (card.kind == NetworkKind::wireless) {
            files.push_back(wireless_file(card));
        }
    }
    return files;
}

}  // namespace img::network
