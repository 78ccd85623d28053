#include "network/network_manager.hpp"

#include "base/uuid.hpp"
#include "tree/plain_text.hpp"

#include <fmt/format.h>

namespace img::network {
namespace {

using kickstart::NetworkKind;
using tree::is_plain;

constexpr unsigned kSecret = 0600;

std::string type_of(const Card& card) {
    switch (card.kind) {
        case NetworkKind::bond: return "bond";
        case NetworkKind::bridge: return "bridge";
        case NetworkKind::vlan: return "vlan";
        case NetworkKind::wireless: return "wifi";
        case NetworkKind::plain:
        case NetworkKind::team: break;
    }
    return "ethernet";
}

std::string connection(const std::string& id, std::string_view type, const std::string& name) {
    // Derived, for two builds to agree; it has to differ from others on one machine only.
    return fmt::format("[connection]\nid={}\nuuid={}\ntype={}\n{}", id,
                       uuid_from("img connection " + id).text(), type,
                       name.empty() ? "" : "interface-name=" + name + "\n");
}

std::string list(const std::vector<std::string>& values) {
    return values.empty() ? "" : fmt::format("{};", fmt::join(values, ";"));
}

/// A name that NetworkManager could take for a list of bytes is written as one.
std::string ssid(const std::string& essid) {
    if (is_plain(essid, "_. -") && essid.front() != ' ' && essid.back() != ' ') {
        return essid;
    }
    std::string bytes;
    for (const char byte : essid) {
        bytes += fmt::format("{};", static_cast<unsigned char>(byte));
    }
    return bytes;
}

Result<std::string> ethernet(const Card& card) {
    std::string text;
    if (!card.mac.empty()) {
        text += "mac-address=" + card.mac + "\n";
    }
    if (card.mtu) {
        text += fmt::format("mtu={}\n", *card.mtu);
    }
    for (std::size_t i = 0; i + 1 < card.ethtool.size(); i += 2) {
        const auto& name = card.ethtool[i];
        const auto& value = card.ethtool[i + 1];
        if (name == "speed" || name == "duplex") {
            text += fmt::format("{}={}\n", name, value);
        } else if (name == "autoneg") {
            text += fmt::format("auto-negotiate={}\n", value == "on" ? "true" : "false");
        } else {
            return cannot(card, "NetworkManager", "setting for ethtool's " + name,
                          "a %post script for it and ethtool");
        }
    }
    const auto section = card.kind == NetworkKind::wireless ? "wifi" : "ethernet";
    return text.empty() || card.kind == NetworkKind::wireless
               ? text
               : fmt::format("\n[{}]\n{}", section, text);
}

Result<std::string> link_sections(const Card& card) {
    std::string text = TRY(ethernet(card));
    if (card.kind == NetworkKind::wireless) {
        text = "\n[wifi]\nmode=infrastructure\nssid=" + ssid(card.essid) + "\n" + text;
        if (!card.wpa_key.empty()) {
            text +=
                "\n[wifi-security]\nkey-mgmt=wpa-psk\npsk=" + keyfile_value(card.wpa_key) + "\n";
        } else if (!card.wep_key.empty()) {
            text += "\n[wifi-security]\nkey-mgmt=none\nwep-key0=" + card.wep_key + "\n";
        }
    } else if (card.kind == NetworkKind::vlan) {
        text += fmt::format("\n[vlan]\nflags=1\nid={}\nparent={}\n", card.vlan_id.value_or(0),
                            card.parent);
    } else if (!card.options.empty()) {
        text += "\n[" + type_of(card) + "]\n";
        for (const auto& [name, value] : card.options) {
            const bool is_switch = value == "yes" || value == "no";
            text += fmt::format("{}={}\n", name,
                                !is_switch       ? value
                                : value == "yes" ? "true"
                                                 : "false");
        }
    }
    return text;
}

/// What both versions of IP have alike.
std::string common(const Card& card, const std::vector<std::string>& servers) {
    std::string text;
    const auto add = [&text](std::string_view key, const std::string& value) {
        if (!value.empty()) {
            text += fmt::format("{}={}\n", key, value);
        }
    };
    add("dns", list(servers));
    add("dns-search", list(card.search_domains));
    add("ignore-auto-dns", card.uses_offered_dns ? "" : "true");
    add("never-default", card.is_default_route ? "" : "true");
    return text;
}

std::string with_gateway(const std::string& address, const std::string& gateway) {
    return fmt::format("address1={}{}\n", address, gateway.empty() ? "" : "," + gateway);
}

std::string ipv4_section(const Card& card) {
    if (card.ipv4 == Ipv4::none) {
        return "\n[ipv4]\nmethod=disabled\n";
    }
    std::vector<std::string> servers;
    for (const auto& server : card.name_servers) {
        if (!server.contains(':')) {
            servers.push_back(server);
        }
    }
    std::string text = "\n[ipv4]\n";
    text += card.ipv4 == Ipv4::fixed ? "method=manual\n" + with_gateway(card.address, card.gateway)
                                     : "method=auto\n";
    text += common(card, servers);
    return card.dhcp_class.empty()
               ? text
               : text + "dhcp-vendor-class-identifier=" + card.dhcp_class + "\n";
}

std::string ipv6_section(const Card& card) {
    std::vector<std::string> servers;
    for (const auto& server : card.name_servers) {
        if (server.contains(':')) {
            servers.push_back(server);
        }
    }
    switch (card.ipv6) {
        case Ipv6::none: return "\n[ipv6]\nmethod=disabled\n";
        case Ipv6::automatic: return "\n[ipv6]\nmethod=auto\n" + common(card, servers);
        case Ipv6::dhcp: return "\n[ipv6]\nmethod=dhcp\n" + common(card, servers);
        case Ipv6::fixed: break;
    }
    return "\n[ipv6]\nmethod=manual\n" + with_gateway(card.ipv6_address, card.ipv6_gateway) +
           common(card, servers);
}

ConfigFile file(const std::string& id, std::string text) {
    return {.path = "/etc/NetworkManager/system-connections/" + id + ".nmconnection",
            .text = std::move(text),
            .mode = kSecret};
}

}  // namespace

std::string keyfile_value(std::string_view text) {
    std::string out;
    for (const char c : text) {
        if (c == '\\') {
            out += "\\\\";
        } else if (c == ' ' && out.empty()) {
            out += "\\s";
        } else {
            out += c;
        }
    }
    return out;
}

Result<std::vector<ConfigFile>> network_manager_files(std::span<const Card> cards) {
    std::vector<ConfigFile> files;
    for (const auto& card : cards) {
        std::string text = connection(card.file_name(), type_of(card), card.name);
        if (card.is_any()) {
            text += "autoconnect-priority=-1\nmulti-connect=3\n";  // behind those that name a card
        }
        if (!card.on_boot) {
            text += "autoconnect=false\n";
        }
        text += TRY(link_sections(card));
        files.push_back(file(card.file_name(), text + ipv4_section(card) + ipv6_section(card)));
        for (const auto& member : card.members) {
            files.push_back(
                file(card.name + "-" + member,
                     connection(card.name + "-" + member, "ethernet", member) +
                         fmt::format("master={}\nslave-type={}\n", card.name, type_of(card))));
        }
    }
    return files;
}

}  // namespace img::network
