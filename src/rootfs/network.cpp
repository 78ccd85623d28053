#include "rootfs/network.hpp"

#include "base/printable.hpp"
#include "base/text.hpp"
#include "rootfs/place.hpp"
#include "rootfs/tree.hpp"

#include <algorithm>
#include <arpa/inet.h>
#include <array>
#include <bit>

namespace img::rootfs {
namespace {

constexpr std::size_t kHostNameMax = 64;  // the kernel's __NEW_UTS_LEN
constexpr std::size_t kLabelMax = 63;     // RFC 1035

bool is_host_name(std::string_view name) {
    if (name.empty() || name.size() > kHostNameMax || name.front() == '.' || name.back() == '.' ||
        name.find("..") != std::string_view::npos) {
        return false;
    }
    return std::ranges::all_of(split(name, "."), [](const std::string& label) {
        return label.size() <= kLabelMax && label.front() != '-' && label.back() != '-' &&
               label.find_first_not_of(
                   "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
                   "0123456789-") == std::string::npos;
    });
}

bool is_address(const std::string& text) {
    std::array<unsigned char, sizeof(in6_addr)> bytes{};
    return ::inet_pton(AF_INET, text.c_str(), bytes.data()) == 1 ||
           ::inet_pton(AF_INET6, text.c_str(), bytes.data()) == 1;
}

/// A card's name ("eth0"), its address ("52:54:00:…"), or the words that leave the choice open.
bool is_device(std::string_view text) {
    return text.size() <= 17 && text.find_first_not_of(
                                    "abcdefghijklmnopqrstuvwxyz"
                                    "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"
                                    "_.:-") == std::string_view::npos;
}

bool is_any_device(std::string_view device) {
    return device.empty() || device == "link" || device == "bootif";
}

/// "24" for 255.255.255.0; a prefix length stays one.
Result<std::string> prefix_of(const kickstart::Network& network) {
    in_addr mask{};
    if (::inet_pton(AF_INET, network.netmask.c_str(), &mask) == 1) {
        const std::uint32_t bits = ntohl(mask.s_addr);
        if (std::countl_one(bits) + std::countr_zero(bits) >= 32) {
            return std::to_string(std::countl_one(bits));
        }
    } else if (!network.netmask.empty() && network.netmask.size() <= 3 &&
               network.netmask.find_first_not_of("0123456789") == std::string::npos &&
               std::stoi(network.netmask) <= 128) {
        return network.netmask;
    }
    return fail(Fault::invalid,
                fmt::format("{}: --netmask={} is not one, as 255.255.255.0 is",
                            place("network", network.where), printable(network.netmask)));
}

Result<void> check(const kickstart::Network& network) {
    const std::string line = place("network", network.where);
    if (!is_device(network.device)) {
        return fail(Fault::invalid, fmt::format("{}: --device={} is not the name of a network card",
                                                line, printable(network.device)));
    }
    if (network.bootproto != "" && network.bootproto != "dhcp" && network.bootproto != "static") {
        return fail(Fault::invalid, fmt::format("{}: --bootproto={} is neither dhcp nor static",
                                                line, printable(network.bootproto)));
    }
    if (network.bootproto == "static" && network.ip.empty()) {
        return fail(Fault::invalid, line + ": --bootproto=static needs --ip and --netmask");
    }
    std::vector<std::string> addresses = network.nameservers;
    addresses.insert(addresses.end(), {network.ip, network.gateway});
    for (const auto& address : addresses) {
        if (!address.empty() && !is_address(address)) {
            return fail(Fault::invalid,
                        fmt::format("{}: {} is not an IP address", line, printable(address)));
        }
    }
    return {};
}

bool is_static(const kickstart::Network& network) {
    return network.bootproto == "static" || (network.bootproto.empty() && !network.ip.empty());
}

/// Whether the line is about a card, and not only about the host's name.
bool is_about_a_card(const kickstart::Network& network) {
    return !network.bootproto.empty() || !network.device.empty() || !network.ip.empty();
}

std::string file_name(const kickstart::Network& network) {
    std::string name = is_any_device(network.device) ? "ethernet" : network.device;
    std::ranges::replace(name, ':', '-');
    return name;
}

Result<void> set_host_name(const Tree& tree, const std::vector<kickstart::Network>& networks) {
    std::string hostname;
    for (const auto& network : networks) {
        if (network.hostname.empty()) {
            continue;
        }
        if (!is_host_name(network.hostname)) {
            return fail(Fault::invalid,
                        fmt::format("{}: --hostname={} is not a host's name: up to {} letters, "
                                    "digits, - and .",
                                    place("network", network.where), printable(network.hostname),
                                    kHostNameMax));
        }
        hostname = network.hostname;
    }
    if (!hostname.empty()) {
        TRY(tree.write("/etc/hostname", hostname + "\n"));
    }
    const std::string old =
        tree.exists("/etc/hosts") ? TRY(tree.read("/etc/hosts")) : std::string();
    return tree.write("/etc/hosts", hosts_file(old, hostname));
}

/// Who turns name servers into /etc/resolv.conf: systemd-resolved where it is there, else we.
Result<void> set_name_servers(const Tree& tree,
                              const std::vector<kickstart::Network>& networks,
                              const system::LineSink& log) {
    if (tree.exists("/lib/systemd/systemd-resolved")) {
        return {};
    }
    std::string text;
    for (const auto& network : networks) {
        for (const auto& server : network.nameservers) {
            text += "nameserver " + server + "\n";
        }
        if (network.bootproto == "dhcp" && network.nameservers.empty()) {
            log(
                fmt::format("warning: {}: name servers given by DHCP are used once the package "
                            "systemd-resolved is in %packages",
                            place("network", network.where)));
        }
    }
    return text.empty() ? Result<void>() : tree.write("/etc/resolv.conf", text);
}

}  // namespace

std::string hosts_file(std::string_view old, std::string_view hostname) {
    std::string text;
    bool has_localhost = false;
    for (const auto& line : split(old, "\n")) {
        const auto words = split(line, " \t");
        if (!hostname.empty() && !words.empty() && words[0] == "127.0.1.1") {
            continue;
        }
        has_localhost = has_localhost || (!words.empty() && words[0] == "127.0.0.1");
        text += line + "\n";
    }
    if (!has_localhost) {
        text =
            "127.0.0.1\tlocalhost\n::1\tlocalhost ip6-localhost ip6-loopback\n"
            "ff02::1\tip6-allnodes\nff02::2\tip6-allrouters\n" +
            text;
    }
    if (!hostname.empty()) {
        const auto dot = hostname.find('.');
        text += fmt::format("127.0.1.1\t{}{}\n", hostname,
                            dot == std::string_view::npos
                                ? std::string()
                                : fmt::format(" {}", hostname.substr(0, dot)));
    }
    return text;
}

Result<std::string> networkd_file(const kickstart::Network& network) {
    TRY(check(network));
    std::string text = "[Match]\n";
    if (is_any_device(network.device)) {
        text += "Type=ether\n";
    } else if (network.device.find(':') != std::string::npos) {
        text += "MACAddress=" + network.device + "\n";
    } else {
        text += "Name=" + network.device + "\n";
    }
    if (!network.onboot) {
        text += "\n[Link]\nActivationPolicy=manual\nRequiredForOnline=no\n";
    }
    text += "\n[Network]\n";
    if (is_static(network)) {
        text += fmt::format("Address={}/{}\n", network.ip, TRY(prefix_of(network)));
        if (!network.gateway.empty()) {
            text += "Gateway=" + network.gateway + "\n";
        }
    } else {
        text += "DHCP=yes\n";
    }
    for (const auto& server : network.nameservers) {
        text += "DNS=" + server + "\n";
    }
    return text;
}

Result<std::string> ifupdown_file(const kickstart::Network& network) {
    TRY(check(network));
    if (is_any_device(network.device) || network.device.find(':') != std::string::npos) {
        return fail(Fault::invalid, fmt::format("{}: ifupdown needs the card's name: --device=eth0",
                                                place("network", network.where)));
    }
    const bool v6 = network.ip.find(':') != std::string::npos;
    std::string text = network.onboot ? "auto " + network.device + "\n" : "";
    text += fmt::format("iface {} {} {}\n", network.device, v6 ? "inet6" : "inet",
                        is_static(network) ? "static" : "dhcp");
    if (is_static(network)) {
        text += fmt::format("    address {}/{}\n", network.ip, TRY(prefix_of(network)));
        if (!network.gateway.empty()) {
            text += "    gateway " + network.gateway + "\n";
        }
    }
    if (!network.nameservers.empty()) {
        text += "    dns-nameservers " + join(network.nameservers, " ") + "\n";
    }
    return text;
}

Result<std::vector<std::string>> set_network(const Tree& tree,
                                             const std::vector<kickstart::Network>& networks,
                                             const system::LineSink& log) {
    TRY(set_host_name(tree, networks));
    const bool networkd = tree.exists("/lib/systemd/systemd-networkd");
    const bool ifupdown = tree.is_program("/sbin/ifup");
    std::vector<std::string> services;
    std::vector<kickstart::Network> cards;
    std::ranges::copy_if(networks, std::back_inserter(cards), is_about_a_card);
    for (const auto& network : cards) {
        if (networkd) {
            const std::string text = TRY(networkd_file(network));
            // 70: before the catch-all files that packages bring, after an administrator's.
            TRY(tree.write("/etc/systemd/network/70-" + file_name(network) + ".network", text));
            services = {"systemd-networkd.service"};
        } else if (ifupdown) {
            const std::string text = TRY(ifupdown_file(network));
            TRY(tree.write("/etc/network/interfaces.d/" + file_name(network), text));
            services = {"networking.service"};
        } else {
            return fail(Fault::invalid,
                        fmt::format("{}: the image has neither systemd-networkd nor ifupdown; add "
                                    "systemd or ifupdown to %packages",
                                    place("network", network.where)));
        }
    }
    TRY(set_name_servers(tree, cards, log));
    if (networkd && !cards.empty() && tree.exists("/lib/systemd/systemd-resolved")) {
        services.emplace_back("systemd-resolved.service");
    }
    return services;
}

}  // namespace img::rootfs
