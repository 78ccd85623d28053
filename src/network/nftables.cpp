#include "network/nftables.hpp"

#include "tree/place.hpp"

#include <algorithm>

namespace img::network {
namespace {

using tree::did_you_mean;
using tree::refuse;

constexpr auto kHead = R"(#!/usr/sbin/nft -f
# From the kickstart's `firewall`. nftables.service loads it; `nft -c -f` checks it.

flush ruleset

table inet filter {
	chain input {
		type filter hook input priority filter; policy drop;

		ct state vmap { established : accept, related : accept, invalid : drop }
		iifname "lo" accept
		icmp type { echo-request, destination-unreachable, time-exceeded } accept
		meta l4proto ipv6-icmp accept
		ip6 saddr fe80::/10 udp sport 547 udp dport 546 accept comment "answers of DHCPv6"
)";

constexpr auto kTail = R"(	}

	chain forward {
		type filter hook forward priority filter; policy drop;
	}

	chain output {
		type filter hook output priority filter; policy accept;
	}
}
)";

std::string rule(const Port& port, std::string_view name) {
    const std::string comment = name.empty() ? "" : fmt::format(" comment \"{}\"", name);
    return fmt::format("\t\t{} dport {} accept{}\n", port.protocol, port.numbers, comment);
}

}  // namespace

Result<std::string> nftables_file(const kickstart::Firewall& firewall, const ServicePorts& known) {
    std::string text = kHead;
    for (const auto& card : firewall.trusted) {
        text += fmt::format("\t\tiifname \"{}\" accept\n", card);
    }
    for (const auto& name : firewall.services) {
        const auto found = known.find(name);
        if (found == known.end()) {
            std::vector<std::string> names;
            for (const auto& [one, ports] : known) {
                names.push_back(one);
            }
            return refuse("firewall --service=" + name, firewall.where,
                          fmt::format("the image's /etc/services has no such service{}; --port "
                                      "takes it by number",
                                      did_you_mean(name, names)));
        }
        if (std::ranges::find(firewall.removed_services, name) != firewall.removed_services.end()) {
            continue;
        }
        for (const auto& port : found->second) {
            text += rule(port, name);
        }
    }
    for (const auto& port : firewall.ports) {
        const auto colon = port.find(':');
        text += rule({port.substr(0, colon), port.substr(colon + 1)}, "");
    }
    return text + kTail;
}

}  // namespace img::network
