#include "network/networkd.hpp"

#include <gtest/gtest.h>

namespace img::network {
namespace {

using kickstart::NetworkKind;

Result<std::vector<ConfigFile>> files(const std::vector<kickstart::Network>& networks) {
    std::vector<Card> cards;
    for (const auto& network : networks) {
        cards.push_back(TRY(make_card(network)));
    }
    return networkd_files(cards);
}

/// The text of the only file.
Result<std::string> networkd_file(const kickstart::Network& network) {
    const auto all = TRY(files({network}));
    EXPECT_EQ(all.size(), 1u);
    return all.front().text;
}

TEST(Networkd, MatchesAnyCardWhereNoneIsNamed) {
    EXPECT_EQ(networkd_file({.bootproto = "dhcp"}).value(),
              "[Match]\nType=ether\n\n[Network]\nDHCP=yes\n");
}

TEST(Networkd, WritesAStaticAddressWithItsPrefix) {
    EXPECT_EQ(networkd_file({.device = "eth0",
                             .bootproto = "static",
                             .ip = "10.0.0.5",
                             .netmask = "255.255.254.0",
                             .gateway = "10.0.0.1",
                             .nameservers = {"10.0.0.2", "fd00::1"},
                             .onboot = false})
                  .value(),
              "[Match]\nName=eth0\n\n[Link]\nActivationPolicy=manual\nRequiredForOnline=no\n"
              "\n[Network]\nAddress=10.0.0.5/23\nGateway=10.0.0.1\nDNS=10.0.0.2\nDNS=fd00::1\n");
}

TEST(Networkd, RefusesWhatIsNoAddress) {
    for (const auto& network : std::vector<kickstart::Network>{
             {.bootproto = "static"},
             {.bootproto = "static", .ip = "10.0.0.5"},
             {.bootproto = "static", .ip = "10.0.0.5", .netmask = "255.0.255.0"},
             {.bootproto = "static", .ip = "10.0.0.500", .netmask = "24"},
             {.bootproto = "dhcp", .nameservers = {"1.1.1.1\nFoo=bar"}},
             {.device = "eth0\n[Link]", .bootproto = "dhcp"},
             {.bootproto = "bootp"}}) {
        const auto text = networkd_file(network);
        ASSERT_FALSE(text) << *text;
        EXPECT_EQ(text.error().fault, Fault::invalid);
    }
}

TEST(Networkd, SaysAllThatALineCanSay) {
    EXPECT_EQ(networkd_file({.device = "eth0",
                             .bootproto = "dhcp",
                             .ipv6 = "fd00::5/56",
                             .ipv6_gateway = "fd00::1",
                             .nameservers = {"10.0.0.2"},
                             .search_domains = {"example.org", "example.com"},
                             .ignore_auto_dns = true,
                             .mtu = 1400,
                             .dhcp_class = "thin-client"})
                  .value(),
              "[Match]\nName=eth0\n\n[Link]\nMTUBytes=1400\n\n[Network]\nDHCP=ipv4\n"
              "Address=fd00::5/56\nIPv6AcceptRA=no\nGateway=fd00::1\nDNS=10.0.0.2\n"
              "Domains=example.org example.com\n\n[DHCPv4]\nUseDNS=no\n"
              "VendorClassIdentifier=thin-client\n");
    EXPECT_EQ(networkd_file({.device = "52:54:00:00:00:01",
                             .bootproto = "dhcp",
                             .no_dns = true,
                             .no_default_route = true})
                  .value(),
              "[Match]\nMACAddress=52:54:00:00:00:01\n\n[Network]\nDHCP=yes\n\n[DHCPv4]\n"
              "UseDNS=no\nUseGateway=no\n\n[DHCPv6]\nUseDNS=no\n\n[IPv6AcceptRA]\nUseDNS=no\n"
              "UseGateway=no\n");
}

TEST(Networkd, LeavesOutAVersionOfIp) {
    EXPECT_EQ(networkd_file({.device = "eth0", .bootproto = "dhcp", .no_ipv6 = true}).value(),
              "[Match]\nName=eth0\n\n[Network]\nDHCP=ipv4\nLinkLocalAddressing=no\n"
              "IPv6AcceptRA=no\n");
    EXPECT_EQ(networkd_file({.device = "eth0", .ipv6 = "dhcp", .no_ipv4 = true}).value(),
              "[Match]\nName=eth0\n\n[Network]\nDHCP=ipv6\n");
}

TEST(Networkd, MakesABondAndTellsItsMembers) {
    const auto all = files({{.device = "bond0",
                             .bootproto = "dhcp",
                             .kind = NetworkKind::bond,
                             .members = {"eth0", "eth1"},
                             .options = {"mode=1", "miimon=100", "primary=eth1"}}})
                         .value();
    ASSERT_EQ(all.size(), 4u);
    EXPECT_EQ(all[0], (ConfigFile{"/etc/systemd/network/70-bond0.netdev",
                                  "[NetDev]\nName=bond0\nKind=bond\n\n[Bond]\n"
                                  "Mode=active-backup\nMIIMonitorSec=100ms\n"}));
    EXPECT_EQ(all[1], (ConfigFile{"/etc/systemd/network/70-bond0.network",
                                  "[Match]\nName=bond0\n\n[Network]\nDHCP=yes\n"}));
    EXPECT_EQ(all[2], (ConfigFile{"/etc/systemd/network/70-eth0.network",
                                  "[Match]\nName=eth0\n\n[Network]\nBond=bond0\n"}));
    EXPECT_EQ(all[3],
              (ConfigFile{"/etc/systemd/network/70-eth1.network",
                          "[Match]\nName=eth1\n\n[Network]\nBond=bond0\nPrimarySlave=yes\n"}));
}

TEST(Networkd, MakesABridge) {
    const auto all = files({{.device = "br0",
                             .bootproto = "dhcp",
                             .kind = NetworkKind::bridge,
                             .members = {"eth0"},
                             .options = {"stp=yes", "forward-delay=4"}}})
                         .value();
    EXPECT_EQ(all[0].text,
              "[NetDev]\nName=br0\nKind=bridge\n\n[Bridge]\nSTP=yes\nForwardDelaySec=4s\n");
    EXPECT_EQ(all[2].text, "[Match]\nName=eth0\n\n[Network]\nBridge=br0\n");
}

TEST(Networkd, TellsAVlanToItsParent) {
    const kickstart::Network vlan{.device = "eth0",
                                  .bootproto = "dhcp",
                                  .kind = NetworkKind::vlan,
                                  .vlan_id = 10,
                                  .interface_name = "office"};
    const auto alone = files({vlan}).value();
    ASSERT_EQ(alone.size(), 3u);
    EXPECT_EQ(alone[0].text, "[NetDev]\nName=office\nKind=vlan\n\n[VLAN]\nId=10\n");
    EXPECT_EQ(alone[2], (ConfigFile{"/etc/systemd/network/70-eth0.network",
                                    "[Match]\nName=eth0\n\n[Network]\nLinkLocalAddressing=no\n"
                                    "VLAN=office\n"}));
    const auto both = files({{.device = "eth0", .bootproto = "dhcp"}, vlan}).value();
    ASSERT_EQ(both.size(), 3u);
    EXPECT_EQ(both[0].text, "[Match]\nName=eth0\n\n[Network]\nDHCP=yes\nVLAN=office\n");
}

TEST(Networkd, LeavesAWirelessNetworksKeyToItsSupplicant) {
    const auto all = files({{.device = "wlan0",
                             .bootproto = "dhcp",
                             .kind = NetworkKind::wireless,
                             .essid = "My \"Net\"",
                             .wpa_key = "se\"cret #1"}})
                         .value();
    ASSERT_EQ(all.size(), 2u);
    EXPECT_EQ(all[1], (ConfigFile{"/etc/wpa_supplicant/wpa_supplicant-wlan0.conf",
                                  "ctrl_interface=/run/wpa_supplicant\n\nnetwork={\n"
                                  "\tssid=4d7920224e657422\n\tpsk=\"se\"cret #1\"\n}\n",
                                  0600}));
}

TEST(Networkd, NamesWhoCanDoWhatItCannot) {
    EXPECT_EQ(networkd_files(std::vector{make_card({.device = "eth0",
                                                    .ethtool = "speed 100",
                                                    .where = {"demo.ks", 4, 1}})
                                             .value()})
                  .error()
                  .message,
              "network (demo.ks:4): systemd-networkd has no --ethtool; add network-manager to "
              "%packages");
    EXPECT_FALSE(files({{.device = "b",
                         .kind = NetworkKind::bond,
                         .members = {"eth0"},
                         .options = {"resend_igmp=1"}}}));
}

}  // namespace
}  // namespace img::network
