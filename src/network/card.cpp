#include "network/card.hpp"

#include "base/text.hpp"
#include "tree/place.hpp"
#include "tree/plain_text.hpp"

#include <algorithm>
#include <arpa/inet.h>
#include <array>
#include <bit>
#include <charconv>

namespace img::network {
namespace {

using kickstart::NetworkKind;
using tree::in_quotes;
using tree::is_one_line;
using tree::is_plain;
using tree::refuse;

constexpr std::size_t kHostNameMax = 64;  // the kernel's __NEW_UTS_LEN
constexpr std::size_t kLabelMax = 63;     // RFC 1035
constexpr std::size_t kCardNameMax = 15;  // IFNAMSIZ less its end
constexpr unsigned kVlanIdMax = 4094;     // 802.1Q
constexpr unsigned kMtuMin = 68;          // RFC 791
constexpr unsigned kMtuMax = 65535;
constexpr std::size_t kEssidMax = 32;  // 802.11

bool is_ipv4(const std::string& text) {
    in_addr address{};
    return ::inet_pton(AF_INET, text.c_str(), &address) == 1;
}

bool is_ipv6(const std::string& text) {
    in6_addr address{};
    return ::inet_pton(AF_INET6, text.c_str(), &address) == 1;
}

/// "." and ".." would be no names of files.
bool is_card_name(std::string_view text) {
    return !text.empty() && text.size() <= kCardNameMax && text[0] != '.' && text[0] != '-' &&
           is_plain(text, "_.-");
}

bool is_mac(std::string_view text) {
    const auto bytes = split(text, ":");
    return bytes.size() == 6 && text.size() == 17 &&
           std::ranges::all_of(bytes, [](const std::string& byte) {
               return byte.size() == 2 &&
                      byte.find_first_not_of("0123456789abcdefABCDEF") == std::string::npos;
           });
}

std::optional<unsigned> number(std::string_view text) {
    unsigned value = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (error != std::errc() || end != text.data() + text.size()) {
        return std::nullopt;
    }
    return value;
}

/// A line's checks, each a sentence about it.
class Checker {
public:
    explicit Checker(const kickstart::Network& network) : network_(network) {}

    Result<Card> card() {
        card_.where = network_.where;
        TRY(name());
        TRY(ipv4());
        TRY(ipv6());
        TRY(names());
        TRY(link());
        TRY(kind());
        TRY(wireless());
        return std::move(card_);
    }

private:
    std::unexpected<Error> bad(std::string_view sentence) const {
        return refuse("network", network_.where, sentence);
    }
    std::unexpected<Error> bad(std::string_view option,
                               const std::string& value,
                               std::string_view expected) const {
        return bad(fmt::format("{}={} is not {}", option, in_quotes(value), expected));
    }

    Result<void> name() {
        const auto& device = network_.device;
        const bool is_any = device.empty() || device == "link" || device == "bootif";
        if (is_mac(device)) {
            card_.mac = device;
        } else if (!is_any && !is_card_name(device)) {
            return bad("--device", device, "the name of a network card");
        } else if (!is_any) {
            card_.name = device;
        }
        return {};
    }

    Result<void> ipv4() {
        const auto& net = network_;
        if (net.bootproto == "ibft") {
            return bad(
                "--bootproto=ibft is for a machine that starts from iSCSI; say so with "
                "bootloader --append=ip=ibft");
        }
        if (net.bootproto != "" && net.bootproto != "dhcp" && net.bootproto != "static") {
            return bad("--bootproto", net.bootproto, "dhcp or static");
        }
        if (net.bootproto == "static" && net.ip.empty() && net.ipv6.empty()) {
            return bad("--bootproto=static needs --ip and --netmask");
        }
        for (const auto& address : {net.ip, net.gateway}) {
            if (!address.empty() && !is_ip_address(address)) {
                return bad(in_quotes(address) + " is not an IP address");
            }
        }
        const bool fixed = net.bootproto == "static" || (net.bootproto.empty() && !net.ip.empty());
        card_.ipv4 = net.no_ipv4 ? Ipv4::none : fixed ? Ipv4::fixed : Ipv4::dhcp;
        if (card_.ipv4 == Ipv4::fixed && is_ipv4(net.ip)) {
            card_.address = fmt::format("{}/{}", net.ip, TRY(prefix(32)));
            card_.gateway = net.gateway;
        } else if (card_.ipv4 == Ipv4::fixed) {
            card_.ipv4 = Ipv4::none;  // an address of version 6, or none in --ip
        }
        return {};
    }

    /// "24" for 255.255.255.0; a prefix length stays one.
    Result<std::string> prefix(unsigned longest) const {
        in_addr mask{};
        if (::inet_pton(AF_INET, network_.netmask.c_str(), &mask) == 1) {
            const std::uint32_t bits = ntohl(mask.s_addr);
            if (std::countl_one(bits) + std::countr_zero(bits) >= 32) {
                return std::to_string(std::countl_one(bits));
            }
        } else if (const auto length = number(network_.netmask); length && *length <= longest) {
            return std::to_string(*length);
        }
        return bad("--netmask", network_.netmask, "one, as 255.255.255.0 is");
    }

    Result<void> ipv6() {
        const auto& net = network_;
        card_.ipv6_said = net.no_ipv6 || !net.ipv6.empty() || is_ipv6(net.ip);
        card_.ipv6_gateway = is_ipv6(net.gateway) ? net.gateway : net.ipv6_gateway;
        if (!card_.ipv6_gateway.empty() && !is_ipv6(card_.ipv6_gateway)) {
            return bad("--ipv6gateway", net.ipv6_gateway, "an IPv6 address");
        }
        if (net.no_ipv6) {
            card_.ipv6 = Ipv6::none;
        } else if (is_ipv6(net.ip) && net.ipv6.empty()) {
            card_.ipv6 = Ipv6::fixed;
            card_.ipv6_address = fmt::format("{}/{}", net.ip, TRY(prefix(128)));
        } else if (net.ipv6 == "dhcp") {
            card_.ipv6 = Ipv6::dhcp;
        } else if (!net.ipv6.empty() && net.ipv6 != "auto") {
            const auto slash = net.ipv6.find('/');
            const auto length = slash == std::string::npos ? 64U  // what SLAAC takes (RFC 4291)
                                                           : number(net.ipv6.substr(slash + 1));
            if (!is_ipv6(net.ipv6.substr(0, slash)) || !length || *length > 128) {
                return bad("--ipv6", net.ipv6, "auto, dhcp or an address, as fd00::5/64 is");
            }
            card_.ipv6 = Ipv6::fixed;
            card_.ipv6_address = fmt::format("{}/{}", net.ipv6.substr(0, slash), *length);
        }
        return {};
    }

    Result<void> names() {
        const auto& net = network_;
        for (const auto& server : net.nameservers) {
            if (!is_ip_address(server)) {
                return bad(in_quotes(server) + " is not an IP address");
            }
        }
        for (const auto& domain : net.search_domains) {
            if (!is_host_name(domain)) {
                return bad("--ipv4-dns-search", domain, "the name of a domain");
            }
        }
        if (!net.no_dns) {
            card_.name_servers = net.nameservers;
            card_.search_domains = net.search_domains;
        }
        card_.uses_offered_dns = !net.no_dns && !net.ignore_auto_dns;
        card_.is_default_route = !net.no_default_route;
        return {};
    }

    Result<void> link() {
        const auto& net = network_;
        card_.on_boot = net.onboot;
        card_.mtu = net.mtu;
        if (net.mtu && (*net.mtu < kMtuMin || *net.mtu > kMtuMax)) {
            return bad("--mtu", std::to_string(*net.mtu), "from 68 to 65535");
        }
        card_.dhcp_class = net.dhcp_class;
        if (!is_plain(net.dhcp_class, "_.:-")) {
            return bad("--dhcpclass", net.dhcp_class, "a word of letters, digits, _ . : -");
        }
        card_.ethtool = split(net.ethtool, " \t");
        if (!is_plain(net.ethtool, "_.:/- \t") || card_.ethtool.size() % 2 != 0) {
            return bad("--ethtool", net.ethtool,
                       "pairs of words, as \"speed 100 duplex full\" are");
        }
        return {};
    }

    Result<void> kind() {
        const auto& net = network_;
        card_.kind = net.kind;
        card_.members = net.members;
        if (net.kind == NetworkKind::team) {
            return bad("teams of cards are gone from today's systems; use --bondslaves");
        }
        if (!std::ranges::all_of(net.members, is_card_name)) {
            return bad("--bondslaves and --bridgeslaves take names of cards, as eth0 is");
        }
        const bool has_members = net.kind == NetworkKind::bond || net.kind == NetworkKind::bridge;
        if (card_.name.empty() && (has_members || net.kind == NetworkKind::vlan)) {
            return bad("a bond, a bridge or a vlan needs its name: --device=bond0");
        }
        if (has_members && net.members.empty()) {
            return bad("--device=" + card_.name + " has no cards of its own to join");
        }
        for (const auto& option : net.options) {
            const auto equals = option.find('=');
            if (equals == std::string::npos || !is_plain(option.substr(0, equals), "_-") ||
                !is_plain(option.substr(equals + 1), "_.:+-")) {
                return bad("--bondopts", option, "a setting, as mode=active-backup is");
            }
            card_.options.emplace_back(option.substr(0, equals), option.substr(equals + 1));
        }
        return net.kind == NetworkKind::vlan ? vlan() : Result<void>();
    }

    Result<void> vlan() {
        if (!network_.vlan_id || *network_.vlan_id == 0 || *network_.vlan_id > kVlanIdMax) {
            return bad("--vlanid takes a number from 1 to 4094");
        }
        card_.vlan_id = network_.vlan_id;
        card_.parent = card_.name;
        card_.name = network_.interface_name.empty()
                         ? fmt::format("{}.{}", card_.parent, *card_.vlan_id)
                         : network_.interface_name;
        return is_card_name(card_.name)
                   ? Result<void>()
                   : bad("--interfacename", card_.name, "the name of a network card");
    }

    Result<void> wireless() {
        const auto& net = network_;
        if (net.kind != NetworkKind::wireless && net.essid.empty()) {
            return {};
        }
        card_.kind = NetworkKind::wireless;
        if (net.essid.empty() || net.essid.size() > kEssidMax || !is_one_line(net.essid)) {
            return bad("--essid", net.essid, "the name of a wireless network: 1 to 32 bytes");
        }
        const bool printable_key =
            std::ranges::all_of(net.wpa_key, [](char c) { return c >= ' ' && c < 0x7f; });
        if (!net.wpa_key.empty() &&
            (!printable_key || net.wpa_key.size() < 8 || net.wpa_key.size() > 63)) {
            return bad("--wpakey takes 8 to 63 characters");  // of IEEE 802.11i
        }
        if (!is_plain(net.wep_key, ":-") || net.wep_key.size() > kEssidMax) {
            return bad("--wepkey takes 10 or 26 hexadecimal digits, or 5 or 13 letters");
        }
        card_.essid = net.essid;
        card_.wpa_key = net.wpa_key;
        card_.wep_key = net.wep_key;
        return {};
    }

    const kickstart::Network& network_;
    Card card_;
};

}  // namespace

std::string Card::file_name() const {
    std::string text = !name.empty() ? name : !mac.empty() ? mac : "ethernet";
    std::ranges::replace(text, ':', '-');
    return text;
}

bool is_host_name(std::string_view name) {
    if (name.empty() || name.size() > kHostNameMax || name.front() == '.' || name.back() == '.' ||
        name.find("..") != std::string_view::npos) {
        return false;
    }
    return std::ranges::all_of(split(name, "."), [](const std::string& label) {
        return label.size() <= kLabelMax && label.front() != '-' && label.back() != '-' &&
               is_plain(label, "-");
    });
}

bool is_ip_address(const std::string& text) {
    return is_ipv4(text) || is_ipv6(text);
}

bool is_about_a_card(const kickstart::Network& network) {
    return !network.bootproto.empty() || !network.device.empty() || !network.ip.empty() ||
           !network.ipv6.empty() || !network.essid.empty() || network.kind != NetworkKind::plain;
}

Result<Card> make_card(const kickstart::Network& network) {
    return Checker(network).card();
}

std::unexpected<Error> cannot(const Card& card,
                              std::string_view back_end,
                              std::string_view option,
                              std::string_view package) {
    return refuse("network", card.where,
                  fmt::format("{} has no {}; add {} to %packages", back_end, option, package));
}

}  // namespace img::network
