#include "network/card.hpp"

#include <gtest/gtest.h>

namespace img::network {
namespace {

using kickstart::NetworkKind;

TEST(Card, HasItsAddressWithThePrefixOfTheMask) {
    const auto card = make_card({.device = "eth0",
                                 .bootproto = "static",
                                 .ip = "10.0.0.5",
                                 .netmask = "255.255.254.0",
                                 .gateway = "10.0.0.1"})
                          .value();
    EXPECT_EQ(card.ipv4, Ipv4::fixed);
    EXPECT_EQ(card.address, "10.0.0.5/23");
    EXPECT_EQ(card.gateway, "10.0.0.1");
    EXPECT_EQ(card.ipv6, Ipv6::automatic);
    EXPECT_FALSE(card.ipv6_said);
}

TEST(Card, TakesEveryFormOfIpv6) {
    EXPECT_EQ(make_card({.ipv6 = "auto"})->ipv6, Ipv6::automatic);
    EXPECT_EQ(make_card({.ipv6 = "dhcp"})->ipv6, Ipv6::dhcp);
    EXPECT_EQ(make_card({.no_ipv6 = true})->ipv6, Ipv6::none);
    EXPECT_EQ(make_card({.ipv6 = "fd00::5/56"})->ipv6_address, "fd00::5/56");
    EXPECT_EQ(make_card({.ipv6 = "fd00::5"})->ipv6_address, "fd00::5/64");
    const auto in_ip = make_card({.ip = "fd00::5", .netmask = "64", .gateway = "fd00::1"}).value();
    EXPECT_EQ(in_ip.ipv6_address, "fd00::5/64");
    EXPECT_EQ(in_ip.ipv6_gateway, "fd00::1");
    EXPECT_EQ(in_ip.ipv4, Ipv4::none);
}

TEST(Card, IsAnyOneOrAnAddressOrAName) {
    EXPECT_TRUE(make_card({.device = "link"})->is_any());
    EXPECT_EQ(make_card({.device = "link"})->file_name(), "ethernet");
    EXPECT_EQ(make_card({.device = "52:54:00:AB:00:01"})->mac, "52:54:00:AB:00:01");
    EXPECT_EQ(make_card({.device = "52:54:00:AB:00:01"})->file_name(), "52-54-00-AB-00-01");
    const kickstart::Network vlan{.device = "eth0", .kind = NetworkKind::vlan, .vlan_id = 10};
    EXPECT_EQ(make_card(vlan)->name, "eth0.10");
    EXPECT_EQ(make_card(vlan)->parent, "eth0");
}

TEST(Card, WithoutDnsHasNoServersOfItsOwnEither) {
    const auto card = make_card({.nameservers = {"10.0.0.2"}, .no_dns = true}).value();
    EXPECT_TRUE(card.name_servers.empty());
    EXPECT_FALSE(card.uses_offered_dns);
}

TEST(Card, IsRefusedWithItsLine) {
    const auto message = [](kickstart::Network network) {
        network.where = {"demo.ks", 4, 1};
        const auto card = make_card(network);
        return card ? "" : card.error().message;
    };
    EXPECT_EQ(message({.bootproto = "bootp"}),
              "network (demo.ks:4): --bootproto='bootp' is not dhcp or static");
    EXPECT_TRUE(message({.bootproto = "ibft"}).contains("bootloader --append=ip=ibft"));
    EXPECT_TRUE(message({.kind = NetworkKind::team}).contains("use --bondslaves"));
    EXPECT_TRUE(message({.mtu = 20}).contains("from 68 to 65535"));
    EXPECT_TRUE(message({.device = "eth0", .kind = NetworkKind::bond}).contains("no cards of its"));
    EXPECT_TRUE(message({.device = "e", .kind = NetworkKind::vlan, .vlan_id = 4095})
                    .contains("from 1 to 4094"));
    EXPECT_TRUE(message({.essid = "home", .wpa_key = "short"}).contains("8 to 63"));
}

TEST(Card, LetsNothingOutOfItsLine) {
    using Names = std::vector<std::string>;
    for (const char* evil : {"x\n[Link]", "x\ny=z", "x\"y", "x'y", "x;y", "x$(reboot)", "x`y`",
                             "x y", "../x", "x\\", "x\ry", "x#y", "x=\x1b[2J"}) {
        const std::string text = evil;
        for (const kickstart::Network& network : std::vector<kickstart::Network>{
                 {.device = text},
                 {.bootproto = text},
                 {.ip = text, .netmask = "24"},
                 {.ip = "10.0.0.5", .netmask = text},
                 {.ip = "10.0.0.5", .netmask = "24", .gateway = text},
                 {.ipv6 = text},
                 {.ipv6 = "fd00::1/" + text},
                 {.ipv6 = "auto", .ipv6_gateway = text},
                 {.nameservers = {text}},
                 {.search_domains = {text}},
                 {.dhcp_class = text},
                 {.ethtool = text},
                 {.device = "b", .kind = NetworkKind::bond, .members = Names{text}},
                 {.device = "b",
                  .kind = NetworkKind::bond,
                  .members = Names{"eth0"},
                  .options = Names{"mode=" + text}},
                 {.device = "b",
                  .kind = NetworkKind::bond,
                  .members = Names{"eth0"},
                  .options = Names{text + "=1"}},
                 {.device = "e", .kind = NetworkKind::vlan, .vlan_id = 1, .interface_name = text},
                 {.essid = "a", .wep_key = text}}) {
            const auto card = make_card(network);
            // Two words are two words for ethtool, and nothing more.
            const bool harmless = text == "x y" && !network.ethtool.empty();
            EXPECT_EQ(card.has_value(), harmless) << text;
        }
    }
    EXPECT_FALSE(make_card({.essid = "a\nb"}));
    EXPECT_FALSE(make_card({.essid = "a", .wpa_key = "12345678\npsk"}));
}

}  // namespace
}  // namespace img::network
