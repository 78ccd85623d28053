#include "rootfs/network.hpp"

#include "rootfs/tree.hpp"
#include "tests/support/temp_tree.hpp"

#include <gtest/gtest.h>

namespace img::rootfs {
namespace {

class NetworkTest : public ::testing::Test {
protected:
    Result<std::vector<std::string>> set(const std::vector<kickstart::Network>& networks) {
        return set_network(Tree::open(temp.folder).value(), networks,
                           [this](std::string_view line) { log += line; });
    }
    testing::TempTree temp;
    std::string log;
};

TEST(HostsFile, HasTheNamesOnceHoweverOftenItIsWritten) {
    const std::string once = hosts_file("", "img-demo.example.org");
    EXPECT_NE(once.find("127.0.0.1\tlocalhost\n"), std::string::npos);
    EXPECT_NE(once.find("127.0.1.1\timg-demo.example.org img-demo\n"), std::string::npos);
    EXPECT_EQ(hosts_file(once, "img-demo.example.org"), once);
    EXPECT_EQ(hosts_file(once, "other").find("img-demo"), std::string::npos);
    EXPECT_EQ(hosts_file(once, ""), once);
}

TEST(HostsFile, KeepsTheLinesOfOthers) {
    EXPECT_EQ(hosts_file("127.0.0.1 localhost\n10.0.0.1 depot\n", "a"),
              "127.0.0.1 localhost\n10.0.0.1 depot\n127.0.1.1\ta\n");
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

TEST(Ifupdown, WritesAStanzaAndNeedsTheCardsName) {
    EXPECT_EQ(ifupdown_file({.device = "eth0", .bootproto = "dhcp"}).value(),
              "auto eth0\niface eth0 inet dhcp\n");
    EXPECT_EQ(ifupdown_file({.device = "eth0", .ip = "10.0.0.5", .netmask = "24"}).value(),
              "auto eth0\niface eth0 inet static\n    address 10.0.0.5/24\n");
    EXPECT_EQ(ifupdown_file({.bootproto = "dhcp"}).error().fault, Fault::invalid);
}

TEST_F(NetworkTest, NamesTheHostAndTouchesNoCardForAHostnameAlone) {
    EXPECT_TRUE(set({{.hostname = "img-demo"}}).value().empty());
    EXPECT_EQ(temp.get("/etc/hostname"), "img-demo\n");
    EXPECT_NE(temp.get("/etc/hosts").find("127.0.1.1\timg-demo\n"), std::string::npos);
}

TEST_F(NetworkTest, UsesNetworkdAndAsksForItsService) {
    temp.put("/lib/systemd/systemd-networkd", "", true);
    temp.put("/lib/systemd/systemd-resolved", "", true);
    EXPECT_EQ(set({{.device = "link", .bootproto = "dhcp"}}).value(),
              (std::vector<std::string>{"systemd-networkd.service", "systemd-resolved.service"}));
    EXPECT_NE(temp.get("/etc/systemd/network/70-ethernet.network").find("DHCP=yes"),
              std::string::npos);
    EXPECT_EQ(log, "");
}

TEST_F(NetworkTest, WarnsWhereNobodyTakesDhcpsNameServers) {
    temp.put("/lib/systemd/systemd-networkd", "", true);
    ASSERT_TRUE(set({{.bootproto = "dhcp", .where = {"demo.ks", 8, 1}}}));
    EXPECT_TRUE(log.starts_with("warning: network (demo.ks:8): name servers")) << log;
}

TEST_F(NetworkTest, WritesNameServersItselfWithoutResolved) {
    temp.put("/lib/systemd/systemd-networkd", "", true);
    ASSERT_TRUE(set({{.bootproto = "dhcp", .nameservers = {"10.0.0.2"}}}));
    EXPECT_EQ(temp.get("/etc/resolv.conf"), "nameserver 10.0.0.2\n");
}

TEST_F(NetworkTest, FallsBackToIfupdown) {
    temp.put("/sbin/ifup", "", true);
    EXPECT_EQ(set({{.device = "eth0", .bootproto = "dhcp"}}).value(),
              std::vector<std::string>{"networking.service"});
    EXPECT_EQ(temp.get("/etc/network/interfaces.d/eth0"), "auto eth0\niface eth0 inet dhcp\n");
}

TEST_F(NetworkTest, SaysWhatToAddWhereNothingRunsTheNetwork) {
    const auto done = set({{.bootproto = "dhcp", .where = {"demo.ks", 8, 1}}});
    ASSERT_FALSE(done);
    EXPECT_NE(done.error().message.find("network (demo.ks:8): the image has neither"),
              std::string::npos);
}

TEST_F(NetworkTest, RefusesWhatIsNoHostName) {
    for (const char* name : {"-x", "a b", "a\nb", "a..b", ".a", "a_b"}) {
        EXPECT_EQ(set({{.hostname = name}}).error().fault, Fault::invalid) << name;
    }
    EXPECT_EQ(set({{.hostname = std::string(65, 'a')}}).error().fault, Fault::invalid);
}

}  // namespace
}  // namespace img::rootfs
