#include "network/network.hpp"

#include "network/card.hpp"
#include "network/host_name.hpp"
#include "network/ifcfg.hpp"
#include "network/ifupdown.hpp"
#include "network/network_manager.hpp"
#include "network/networkd.hpp"
#include "tree/distribution.hpp"
#include "tree/place.hpp"
#include "tree/tree.hpp"
#include "tree/units.hpp"

#include <algorithm>

namespace img::network {
namespace {

using tree::has_systemd;
using tree::has_unit;
using tree::is_rpm_tree;
using tree::place;
using tree::refuse;
using tree::Tree;

bool has_resolved(const Tree& tree) {
    return tree.exists("/lib/systemd/systemd-resolved") ||
           tree.exists("/usr/lib/systemd/systemd-resolved");
}

bool has_supplicant(const Tree& tree) {
    return tree.is_program("/sbin/wpa_supplicant") || tree.is_program("/usr/sbin/wpa_supplicant");
}

Result<std::vector<Card>> cards_of(const std::vector<kickstart::Network>& networks) {
    std::vector<Card> cards;
    for (const auto& network : networks) {
        if (is_about_a_card(network)) {
            cards.push_back(TRY(make_card(network)));
        }
    }
    return cards;
}

Result<std::vector<ConfigFile>> files_of(NetworkBackEnd back_end, const std::vector<Card>& cards) {
    switch (back_end) {
        case NetworkBackEnd::networkd: return networkd_files(cards);
        case NetworkBackEnd::network_manager: return network_manager_files(cards);
        case NetworkBackEnd::ifupdown: return ifupdown_files(cards);
        case NetworkBackEnd::ifcfg: return ifcfg_files(cards);
        case NetworkBackEnd::none: break;
    }
    return refuse("network", cards.front().where,
                  "the image has neither systemd-networkd nor NetworkManager nor ifupdown; add "
                  "systemd or network-manager (NetworkManager on RPM systems) to %packages");
}

/// Programs beside the back end that some cards need.
Result<void> check_programs(const Tree& tree,
                            NetworkBackEnd back_end,
                            const std::vector<Card>& cards) {
    for (const auto& card : cards) {
        const auto needs = [&](std::string_view what,
                               std::string_view package) -> std::unexpected<Error> {
            return refuse(
                "network", card.where,
                fmt::format("{} for {}; add {} to %packages", what, card.file_name(), package));
        };
        const bool ifupdown = back_end == NetworkBackEnd::ifupdown;
        const std::filesystem::path hooks = "/etc/network/if-pre-up.d";
        if (back_end == NetworkBackEnd::networkd && card.kind == kickstart::NetworkKind::wireless &&
            !has_supplicant(tree)) {
            return needs("the image has no wpa_supplicant", "wpasupplicant");
        }
        if (ifupdown && card.kind == kickstart::NetworkKind::bond &&
            !tree.exists(hooks / "ifenslave")) {
            return needs("ifupdown has no bonds without ifenslave", "ifenslave");
        }
        if (ifupdown && card.kind == kickstart::NetworkKind::bridge &&
            !tree.exists(hooks / "bridge")) {
            return needs("ifupdown has no bridges without brctl", "bridge-utils");
        }
    }
    return {};
}

/// Who turns name servers into /etc/resolv.conf: NetworkManager, systemd-resolved, else we.
Result<void> set_name_servers(const Tree& tree,
                              NetworkBackEnd back_end,
                              const std::vector<Card>& cards,
                              const system::LineSink& log) {
    if (has_resolved(tree) || back_end == NetworkBackEnd::network_manager) {
        return {};
    }
    std::vector<std::string> domains;
    std::string text;
    for (const auto& card : cards) {
        for (const auto& server : card.name_servers) {
            text += "nameserver " + server + "\n";
        }
        domains.insert(domains.end(), card.search_domains.begin(), card.search_domains.end());
        if (back_end == NetworkBackEnd::networkd && card.ipv4 == Ipv4::dhcp &&
            card.uses_offered_dns && card.name_servers.empty()) {
            log(
                fmt::format("warning: {}: name servers given by DHCP are used once the package "
                            "systemd-resolved is in %packages",
                            place("network", card.where)));
        }
    }
    if (!domains.empty()) {
        text = fmt::format("search {}\n{}", fmt::join(domains, " "), text);
    }
    return text.empty() ? Result<void>() : tree.write("/etc/resolv.conf", text);
}

std::vector<std::string> services_of(const Tree& tree,
                                     NetworkBackEnd back_end,
                                     const std::vector<Card>& cards) {
    std::vector<std::string> services;
    switch (back_end) {
        case NetworkBackEnd::networkd:
            services = {"systemd-networkd.service"};
            if (has_resolved(tree)) {
                services.emplace_back("systemd-resolved.service");
            }
            for (const auto& card : cards) {
                if (card.kind == kickstart::NetworkKind::wireless) {
                    services.push_back("wpa_supplicant@" + card.name + ".service");
                }
            }
            break;
        case NetworkBackEnd::network_manager: services = {"NetworkManager.service"}; break;
        case NetworkBackEnd::ifupdown: services = {"networking.service"}; break;
        case NetworkBackEnd::ifcfg:
            if (has_unit(tree, "network.service")) {
                services = {"network.service"};
            }
            break;
        case NetworkBackEnd::none: break;
    }
    return services;
}

}  // namespace

NetworkBackEnd network_back_end(const Tree& tree) {
    using enum NetworkBackEnd;
    const bool manager =
        tree.is_program("/usr/sbin/NetworkManager") || tree.is_program("/usr/bin/NetworkManager");
    const bool has_networkd = tree.exists("/lib/systemd/systemd-networkd") ||
                              tree.exists("/usr/lib/systemd/systemd-networkd");
    const bool ifup = tree.is_program("/sbin/ifup") || tree.is_program("/usr/sbin/ifup");
    if (is_rpm_tree(tree)) {
        const bool scripts = tree.exists("/etc/sysconfig/network-scripts/ifup") || ifup;
        return manager             ? network_manager
               : scripts           ? ifcfg
               : has_networkd      ? networkd
               : has_systemd(tree) ? none
                                   : ifcfg;
    }
    const bool manages =
        tree.exists("/etc/systemd/system/multi-user.target.wants/NetworkManager.service");
    return manager && (manages || (!has_networkd && !ifup)) ? network_manager
           : has_networkd                                   ? networkd
           : ifup                                           ? ifupdown
                                                            : none;
}

Result<std::vector<std::string>> set_network(const Tree& tree,
                                             const std::vector<kickstart::Network>& networks,
                                             const system::LineSink& log) {
    TRY(set_host_name(tree, networks));
    const auto cards = TRY(cards_of(networks));
    if (cards.empty()) {
        return std::vector<std::string>();
    }
    const NetworkBackEnd back_end = network_back_end(tree);
    TRY(check_programs(tree, back_end, cards));
    const auto files = TRY(files_of(back_end, cards));
    for (const auto& file : files) {
        TRY(tree.write(file.path, file.text, file.mode));
    }
    TRY(set_name_servers(tree, back_end, cards, log));
    return services_of(tree, back_end, cards);
}

}  // namespace img::network
