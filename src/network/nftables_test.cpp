#include "network/nftables.hpp"

#include <gtest/gtest.h>

namespace img::network {
namespace {

TEST(Nftables, LetsInWhatIsNamedAndNothingElse) {
    EXPECT_EQ(nftables_file({.ports = {"8080:tcp", "1024-2000:udp"},
                             .services = {"ssh", "dns", "ftp"},
                             .removed_services = {"ftp"},
                             .trusted = {"eth1"}},
                            service_ports(""))
                  .value(),
              R"(#!/usr/sbin/nft -f
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
		iifname "eth1" accept
		tcp dport 22 accept comment "ssh"
		tcp dport 53 accept comment "dns"
		udp dport 53 accept comment "dns"
		tcp dport 8080 accept
		udp dport 1024-2000 accept
	}

	chain forward {
		type filter hook forward priority filter; policy drop;
	}

	chain output {
		type filter hook output priority filter; policy accept;
	}
}
)");
}

TEST(Nftables, NamesTheNearestOfAnUnknownService) {
    EXPECT_EQ(nftables_file({.services = {"sssh"}, .where = {"demo.ks", 6, 1}}, service_ports(""))
                  .error()
                  .message,
              "firewall --service=sssh (demo.ks:6): the image's /etc/services has no such service, "
              "did you mean ssh; --port takes it by number");
}

}  // namespace
}  // namespace img::network
