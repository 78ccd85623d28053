#include "network/ifcfg.hpp"

#include <gtest/gtest.h>

namespace img::network {
namespace {

using kickstart::NetworkKind;

std::vector<ConfigFile> files(const kickstart::Network& network) {
    return ifcfg_files(std::vector{make_card(network).value()}).value();
}

TEST(Ifcfg, SaysAllThatALineCanSay) {
    const auto all = files({.device = "eth0",
                            .bootproto = "static",
                            .ip = "10.0.0.5",
                            .netmask = "255.255.255.0",
                            .gateway = "10.0.0.1",
                            .ipv6 = "fd00::5/64",
                            .ipv6_gateway = "fd00::1",
                            .nameservers = {"10.0.0.2", "10.0.0.3"},
                            .search_domains = {"example.org", "example.com"},
                            .ignore_auto_dns = true,
                            .no_default_route = true,
                            .mtu = 1400,
                            .dhcp_class = "thin",
                            .ethtool = "speed 100"});
    ASSERT_EQ(all.size(), 1u);
    EXPECT_EQ(all[0].path, "/etc/sysconfig/network-scripts/ifcfg-eth0");
    EXPECT_EQ(all[0].text,
              "DEVICE=eth0\nTYPE=Ethernet\nONBOOT=yes\nBOOTPROTO=none\nIPADDR=10.0.0.5\n"
              "PREFIX=24\nGATEWAY=10.0.0.1\nIPV6INIT=yes\nIPV6_AUTOCONF=no\n"
              "IPV6ADDR=fd00::5/64\nIPV6_DEFAULTGW=fd00::1\nDNS1=10.0.0.2\nDNS2=10.0.0.3\n"
              "DOMAIN='example.org example.com'\nPEERDNS=no\nDEFROUTE=no\n"
              "DHCP_VENDOR_CLASS_IDENTIFIER=thin\nMTU=1400\nETHTOOL_OPTS='speed 100'\n");
}

TEST(Ifcfg, IsShortForACardThatAsksDhcp) {
    EXPECT_EQ(
        files({.device = "eth0", .bootproto = "dhcp", .onboot = false, .no_ipv6 = true})[0].text,
        "DEVICE=eth0\nTYPE=Ethernet\nONBOOT=no\nBOOTPROTO=dhcp\nIPV6INIT=no\n");
}

TEST(Ifcfg, JoinsMembersAndNamesParents) {
    const auto bond = files({.device = "bond0",
                             .bootproto = "dhcp",
                             .kind = NetworkKind::bond,
                             .members = {"eth0"},
                             .options = {"mode=active-backup", "miimon=100"}});
    EXPECT_TRUE(bond[0].text.starts_with(
        "DEVICE=bond0\nTYPE=Bond\nBONDING_MASTER=yes\nBONDING_OPTS='mode=active-backup "
        "miimon=100'\nONBOOT=yes\n"));
    EXPECT_EQ(bond[1].text,
              "DEVICE=eth0\nTYPE=Ethernet\nONBOOT=yes\nBOOTPROTO=none\nMASTER=bond0\nSLAVE=yes\n");
    const auto bridge = files({.device = "br0",
                               .kind = NetworkKind::bridge,
                               .members = {"eth0"},
                               .options = {"stp=yes", "priority=5"}});
    EXPECT_TRUE(bridge[0].text.starts_with(
        "DEVICE=br0\nSTP=yes\nTYPE=Bridge\nBRIDGING_OPTS='priority=5'\n"))
        << bridge[0].text;
    EXPECT_TRUE(bridge[1].text.ends_with("BRIDGE=br0\n"));
    const auto vlan = files({.device = "eth0", .kind = NetworkKind::vlan, .vlan_id = 7});
    EXPECT_TRUE(
        vlan[0].text.starts_with("DEVICE=eth0.7\nTYPE=Vlan\nVLAN=yes\nPHYSDEV=eth0\nVLAN_ID=7\n"));
}

TEST(Ifcfg, GivesShellsNothingToRunAndHidesTheKeys) {
    const auto all = files({.device = "wlan0",
                            .kind = NetworkKind::wireless,
                            .essid = "a'$(reboot)`x`\"",
                            .wpa_key = "';reboot;'"});
    ASSERT_EQ(all.size(), 2u);
    EXPECT_TRUE(all[0].text.contains("\nESSID='a'\\''$(reboot)`x`\"'\nKEY_MGMT=WPA-PSK\n"));
    EXPECT_EQ(all[1], (ConfigFile{"/etc/sysconfig/network-scripts/keys-wlan0",
                                  "WPA_PSK=''\\'';reboot;'\\'''\n", 0600}));
}

TEST(Ifcfg, NeedsTheCardsName) {
    EXPECT_EQ(ifcfg_files(std::vector{make_card({.bootproto = "dhcp"}).value()}).error().fault,
              Fault::invalid);
}

}  // namespace
}  // namespace img::network
