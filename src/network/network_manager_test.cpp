#include "network/network_manager.hpp"

#include <gtest/gtest.h>

namespace img::network {
namespace {

using kickstart::NetworkKind;

std::vector<ConfigFile> files(const kickstart::Network& network) {
    return network_manager_files(std::vector{make_card(network).value()}).value();
}

/// A connection's text from its type on: the lines before it are its name and its UUID.
std::string tail(const ConfigFile& file) {
    return file.text.substr(file.text.find("type="));
}

TEST(NetworkManager, SaysAllThatALineCanSay) {
    const auto all = files({.device = "eth0",
                            .bootproto = "static",
                            .ip = "10.0.0.5",
                            .netmask = "255.255.255.0",
                            .gateway = "10.0.0.1",
                            .ipv6 = "fd00::5/64",
                            .ipv6_gateway = "fd00::1",
                            .nameservers = {"10.0.0.2", "10.0.0.3", "fd00::2"},
                            .search_domains = {"example.org"},
                            .onboot = false,
                            .no_default_route = true,
                            .mtu = 1400,
                            .ethtool = "speed 100 duplex full autoneg off"});
    ASSERT_EQ(all.size(), 1u);
    EXPECT_EQ(all[0].path, "/etc/NetworkManager/system-connections/eth0.nmconnection");
    EXPECT_EQ(all[0].mode, 0600u);
    EXPECT_TRUE(all[0].text.starts_with("[connection]\nid=eth0\nuuid="));
    EXPECT_EQ(tail(all[0]),
              "type=ethernet\ninterface-name=eth0\nautoconnect=false\n"
              "\n[ethernet]\nmtu=1400\nspeed=100\nduplex=full\nauto-negotiate=false\n"
              "\n[ipv4]\nmethod=manual\naddress1=10.0.0.5/24,10.0.0.1\ndns=10.0.0.2;10.0.0.3;\n"
              "dns-search=example.org;\nnever-default=true\n"
              "\n[ipv6]\nmethod=manual\naddress1=fd00::5/64,fd00::1\ndns=fd00::2;\n"
              "dns-search=example.org;\nnever-default=true\n");
}

TEST(NetworkManager, LeavesTheCardOpenBehindThoseThatNameTheirs) {
    const auto all = files({.device = "link",
                            .bootproto = "dhcp",
                            .no_ipv6 = true,
                            .no_dns = true,
                            .dhcp_class = "thin"});
    EXPECT_EQ(all[0].path, "/etc/NetworkManager/system-connections/ethernet.nmconnection");
    EXPECT_EQ(tail(all[0]),
              "type=ethernet\nautoconnect-priority=-1\nmulti-connect=3\n"
              "\n[ipv4]\nmethod=auto\nignore-auto-dns=true\ndhcp-vendor-class-identifier=thin\n"
              "\n[ipv6]\nmethod=disabled\n");
}

TEST(NetworkManager, JoinsTheMembersOfABond) {
    const auto all = files({.device = "bond0",
                            .bootproto = "dhcp",
                            .no_ipv6 = true,
                            .kind = NetworkKind::bond,
                            .members = {"eth0"},
                            .options = {"mode=active-backup", "miimon=100"}});
    ASSERT_EQ(all.size(), 2u);
    EXPECT_EQ(tail(all[0]),
              "type=bond\ninterface-name=bond0\n\n[bond]\nmode=active-backup\nmiimon=100\n"
              "\n[ipv4]\nmethod=auto\n\n[ipv6]\nmethod=disabled\n");
    EXPECT_EQ(all[1].path, "/etc/NetworkManager/system-connections/bond0-eth0.nmconnection");
    EXPECT_EQ(tail(all[1]), "type=ethernet\ninterface-name=eth0\nmaster=bond0\nslave-type=bond\n");
}

TEST(NetworkManager, MakesABridgeAndAVlan) {
    const auto bridge = files({.device = "br0",
                               .bootproto = "dhcp",
                               .kind = NetworkKind::bridge,
                               .members = {"eth0"},
                               .options = {"stp=yes"}});
    EXPECT_TRUE(bridge[0].text.contains("\n[bridge]\nstp=true\n"));
    EXPECT_TRUE(bridge[1].text.ends_with("master=br0\nslave-type=bridge\n"));
    const auto vlan = files({.device = "eth0", .kind = NetworkKind::vlan, .vlan_id = 7});
    EXPECT_TRUE(
        vlan[0].text.contains("interface-name=eth0.7\n\n[vlan]\nflags=1\nid=7\nparent=eth0\n"));
}

TEST(NetworkManager, KeepsAWirelessNetworksNameAndKeyToTheirLines) {
    const auto plain = files({.device = "wlan0",
                              .kind = NetworkKind::wireless,
                              .essid = "My Net",
                              .wpa_key = " a\\b;c=d#"});
    EXPECT_TRUE(plain[0].text.contains("\n[wifi]\nmode=infrastructure\nssid=My Net\n"));
    EXPECT_TRUE(
        plain[0].text.contains("\n[wifi-security]\nkey-mgmt=wpa-psk\npsk=\\sa\\\\b;c=d#\n"));
    const auto odd = files({.device = "wlan0", .kind = NetworkKind::wireless, .essid = "a;b"});
    EXPECT_TRUE(odd[0].text.contains("\nssid=97;59;98;\n"));
}

TEST(NetworkManager, NamesTheWayOutOfWhatItCannotDo) {
    const auto card = make_card({.device = "eth0", .ethtool = "wol g", .where = {"demo.ks", 4, 1}});
    EXPECT_EQ(network_manager_files(std::vector{card.value()}).error().message,
              "network (demo.ks:4): NetworkManager has no setting for ethtool's wol; add a %post "
              "script for it and ethtool to %packages");
}

}  // namespace
}  // namespace img::network
