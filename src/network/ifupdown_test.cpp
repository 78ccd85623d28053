#include "network/ifupdown.hpp"

#include <gtest/gtest.h>

namespace img::network {
namespace {

using kickstart::NetworkKind;

Result<std::string> text(const kickstart::Network& network) {
    const auto files = TRY(ifupdown_files(std::vector{TRY(make_card(network))}));
    return files.front().text;
}

TEST(Ifupdown, WritesAStanzaAndNeedsTheCardsName) {
    EXPECT_EQ(text({.device = "eth0", .bootproto = "dhcp"}).value(),
              "auto eth0\niface eth0 inet dhcp\n");
    EXPECT_EQ(text({.device = "eth0", .ip = "10.0.0.5", .netmask = "24"}).value(),
              "auto eth0\niface eth0 inet static\n    address 10.0.0.5/24\n");
    EXPECT_EQ(text({.bootproto = "dhcp"}).error().message,
              "network: ifupdown needs the card's name: --device=eth0");
    EXPECT_FALSE(text({.device = "52:54:00:00:00:01", .bootproto = "dhcp"}));
}

TEST(Ifupdown, SaysAllThatALineCanSay) {
    EXPECT_EQ(text({.device = "eth0",
                    .bootproto = "static",
                    .ip = "10.0.0.5",
                    .netmask = "24",
                    .gateway = "10.0.0.1",
                    .ipv6 = "fd00::5/64",
                    .ipv6_gateway = "fd00::1",
                    .nameservers = {"10.0.0.2", "10.0.0.3"},
                    .search_domains = {"example.org"},
                    .onboot = false,
                    .mtu = 1400,
                    .ethtool = "speed 100 duplex full"})
                  .value(),
              "iface eth0 inet static\n"
              "    pre-up ip link set dev eth0 mtu 1400\n"
              "    pre-up ethtool -s eth0 speed 100 duplex full\n"
              "    address 10.0.0.5/24\n    gateway 10.0.0.1\n"
              "    dns-nameservers 10.0.0.2 10.0.0.3\n    dns-search example.org\n"
              "iface eth0 inet6 static\n    address fd00::5/64\n    gateway fd00::1\n");
    EXPECT_EQ(text({.device = "eth0", .ipv6 = "dhcp", .no_ipv4 = true}).value(),
              "auto eth0\niface eth0 inet manual\niface eth0 inet6 dhcp\n");
    EXPECT_EQ(text({.device = "eth0", .bootproto = "dhcp", .no_ipv6 = true}).value(),
              "auto eth0\niface eth0 inet dhcp\n"
              "    up echo 1 > /proc/sys/net/ipv6/conf/eth0/disable_ipv6\n");
}

TEST(Ifupdown, MakesBondsBridgesAndVlans) {
    EXPECT_EQ(text({.device = "bond0",
                    .bootproto = "dhcp",
                    .kind = NetworkKind::bond,
                    .members = {"eth0", "eth1"},
                    .options = {"mode=active-backup", "xmit_hash_policy=layer2"}})
                  .value(),
              "auto bond0\niface bond0 inet dhcp\n    bond-slaves eth0 eth1\n"
              "    bond-mode active-backup\n    bond-xmit-hash-policy layer2\n");
    EXPECT_EQ(text({.device = "br0",
                    .bootproto = "dhcp",
                    .kind = NetworkKind::bridge,
                    .members = {"eth0"},
                    .options = {"stp=yes"}})
                  .value(),
              "auto br0\niface br0 inet dhcp\n    bridge_ports eth0\n    bridge_stp yes\n");
    EXPECT_EQ(text({.device = "eth0", .bootproto = "dhcp", .kind = NetworkKind::vlan, .vlan_id = 7})
                  .value(),
              "auto eth0.7\niface eth0.7 inet dhcp\n    vlan-raw-device eth0\n    vlan-id 7\n");
}

TEST(Ifupdown, NamesWhoCanDoWhatItCannot) {
    EXPECT_EQ(text({.device = "eth0",
                    .bootproto = "dhcp",
                    .no_default_route = true,
                    .where = {"demo.ks", 4, 1}})
                  .error()
                  .message,
              "network (demo.ks:4): ifupdown has no --nodefroute with DHCP; add network-manager to "
              "%packages");
    EXPECT_FALSE(text({.device = "eth0", .bootproto = "dhcp", .no_dns = true}));
    EXPECT_FALSE(text({.device = "eth0", .bootproto = "dhcp", .dhcp_class = "x"}));
    EXPECT_FALSE(text({.device = "wlan0", .essid = "home"}));
    EXPECT_FALSE(text({.device = "br0",
                       .kind = NetworkKind::bridge,
                       .members = {"eth0"},
                       .options = {"multicast-snooping=no"}}));
}

}  // namespace
}  // namespace img::network
