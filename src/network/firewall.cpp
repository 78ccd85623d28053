#include "network/firewall.hpp"

#include "network/nftables.hpp"
#include "tree/place.hpp"
#include "tree/plain_text.hpp"
#include "tree/tree.hpp"
#include "tree/units.hpp"

#include <algorithm>
#include <charconv>

namespace img::network {
namespace {

using tree::has_unit;
using tree::is_plain;
using tree::place;
using tree::refuse;
using tree::told_by;
using tree::Tree;

constexpr auto kLokkit = "/usr/sbin/lokkit";
constexpr unsigned kPortMax = 65535;

bool is_port_number(std::string_view text) {
    unsigned value = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    return error == std::errc() && end == text.data() + text.size() && value >= 1 &&
           value <= kPortMax;
}

/// "22:tcp", "1024-2000:udp"
bool is_port(std::string_view text) {
    const auto colon = text.find(':');
    if (colon == std::string_view::npos) {
        return false;
    }
    const auto protocol = text.substr(colon + 1);
    const auto numbers = text.substr(0, colon);
    const auto dash = numbers.find('-');
    const bool known =
        protocol == "tcp" || protocol == "udp" || protocol == "sctp" || protocol == "dccp";
    return known && is_port_number(numbers.substr(0, dash)) &&
           (dash == std::string_view::npos || is_port_number(numbers.substr(dash + 1)));
}

Result<void> check(const kickstart::Firewall& firewall) {
    for (const auto& port : firewall.ports) {
        if (!is_port(port)) {
            return refuse("firewall --port=" + port, firewall.where,
                          "not a port and its protocol, as 22:tcp is");
        }
    }
    for (const auto* names : {&firewall.services, &firewall.removed_services}) {
        for (const auto& name : *names) {
            if (name.empty() || name[0] == '-' || !is_plain(name, "_.+-")) {
                return refuse("firewall --service=" + name, firewall.where,
                              "not the name of a service, as ssh is");
            }
        }
    }
    for (const auto& card : firewall.trusted) {
        if (card.empty() || card[0] == '-' || !is_plain(card, "_.:-")) {
            return refuse("firewall --trust=" + card, firewall.where,
                          "not the name of a network card, as eth0 is");
        }
    }
    return {};
}

bool has_firewalld(const Tree& tree) {
    return tree.is_program("/usr/bin/firewall-offline-cmd");
}

bool has_nftables(const Tree& tree) {
    return tree.is_program("/usr/sbin/nft") || tree.is_program("/sbin/nft");
}

/// All that could stand in the way, and is there.
kickstart::Services nothing_but(const Tree& tree, std::string_view wanted) {
    kickstart::Services services;
    for (const char* unit : {"firewalld.service", "nftables.service", "ufw.service",
                             "iptables.service", "ip6tables.service"}) {
        if (unit == wanted) {
            services.enabled.emplace_back(unit);
        } else if (has_unit(tree, unit)) {
            services.disabled.emplace_back(unit);
        }
    }
    return services;
}

Result<void> tell_tool(system::CommandRunner& runner,
                       const Tree& tree,
                       const kickstart::Firewall& firewall,
                       bool is_lokkit) {
    TRY(told_by(place("firewall", firewall.where),
                runner.run(firewall_command(tree, firewall, is_lokkit))));
    return {};
}

}  // namespace

system::Command firewall_command(const Tree& tree,
                                 const kickstart::Firewall& firewall,
                                 bool is_lokkit) {
    std::vector<std::string> argv{is_lokkit ? "lokkit" : "firewall-offline-cmd"};
    if (is_lokkit) {
        argv.insert(argv.end(), {"-f", "--quiet", "--nostart"});
    }
    argv.emplace_back(firewall.enabled ? "--enabled" : "--disabled");
    if (firewall.enabled) {
        const auto add = [&argv](const char* option, const std::vector<std::string>& values) {
            for (const auto& value : values) {
                argv.push_back(option + value);
            }
        };
        add("--trust=", firewall.trusted);
        add("--port=", firewall.ports);
        add("--service=", firewall.services);
        add("--remove-service=", firewall.removed_services);
    }
    return {.argv = std::move(argv), .root = tree.folder()};
}

Result<kickstart::Services> set_firewall(system::CommandRunner& runner,
                                         const Tree& tree,
                                         const kickstart::Firewall& firewall) {
    TRY(check(firewall));
    if (firewall.system_defaults) {
        return kickstart::Services();
    }
    const bool has_lokkit = tree.is_program(kLokkit);
    if (!firewall.enabled) {
        if (has_lokkit) {
            TRY(tell_tool(runner, tree, firewall, true));
        }
        return nothing_but(tree, "");
    }
    if (has_firewalld(tree)) {
        TRY(tell_tool(runner, tree, firewall, false));
        return nothing_but(tree, "firewalld.service");
    }
    if (has_nftables(tree)) {
        const auto known = service_ports(TRY(tree.read_if_there("/etc/services")));
        const std::string text = TRY(nftables_file(firewall, known));
        // EL's nftables.service loads that of /etc/sysconfig.
        const bool sysconfig = tree.exists("/etc/sysconfig/nftables.conf");
        TRY(tree.write(sysconfig ? "/etc/sysconfig/nftables.conf" : "/etc/nftables.conf", text,
                       0755));
        return nothing_but(tree, "nftables.service");
    }
    if (has_lokkit) {
        TRY(tell_tool(runner, tree, firewall, true));
        return kickstart::Services();
    }
    return refuse("firewall", firewall.where,
                  "the image has no firewall; add nftables or firewalld to %packages");
}

}  // namespace img::network
