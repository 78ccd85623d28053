#include "network/network.hpp"

#include "tests/support/temp_tree.hpp"
#include "tree/tree.hpp"

#include <gtest/gtest.h>
#include <sys/stat.h>

namespace img::network {
namespace {

using tree::Tree;

class NetworkTest : public ::testing::Test {
protected:
    Result<std::vector<std::string>> set(const std::vector<kickstart::Network>& networks) {
        return set_network(Tree::open(temp.folder).value(), networks,
                           [this](std::string_view line) { log += line; });
    }
    testing::TempTree temp;
    std::string log;
};

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
    EXPECT_NE(temp.get("/etc/systemd/network/71-ethernet.network").find("DHCP=yes"),
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

TEST(NetworkBackEnd, IsTheOneThatRunsTheCardsOfTheTree) {
    using enum NetworkBackEnd;
    testing::TempTree temp;
    const Tree tree = Tree::open(temp.folder).value();
    EXPECT_EQ(network_back_end(tree), none);
    temp.put("/usr/sbin/NetworkManager", "", true);
    EXPECT_EQ(network_back_end(tree), network_manager);
    temp.put("/sbin/ifup", "", true);
    EXPECT_EQ(network_back_end(tree), ifupdown);
    temp.put("/lib/systemd/systemd-networkd", "", true);
    EXPECT_EQ(network_back_end(tree), networkd);
    temp.put("/etc/systemd/system/multi-user.target.wants/NetworkManager.service");
    EXPECT_EQ(network_back_end(tree), network_manager);
}

TEST(NetworkBackEnd, OfAnRpmTreeIsNetworkManagerFirst) {
    using enum NetworkBackEnd;
    testing::TempTree temp;
    const Tree tree = Tree::open(temp.folder).value();
    temp.put("/etc/redhat-release");
    EXPECT_EQ(network_back_end(tree), ifcfg);
    temp.put("/usr/lib/systemd/systemd", "", true);
    EXPECT_EQ(network_back_end(tree), none);
    temp.put("/usr/lib/systemd/systemd-networkd", "", true);
    EXPECT_EQ(network_back_end(tree), networkd);
    temp.put("/usr/sbin/ifup", "", true);
    EXPECT_EQ(network_back_end(tree), ifcfg);
    temp.put("/usr/sbin/NetworkManager", "", true);
    EXPECT_EQ(network_back_end(tree), network_manager);
}

TEST_F(NetworkTest, WritesKeyFilesForNobodysEyes) {
    temp.put("/usr/sbin/NetworkManager", "", true);
    EXPECT_EQ(set({{.device = "eth0", .bootproto = "dhcp", .nameservers = {"10.0.0.2"}}}).value(),
              std::vector<std::string>{"NetworkManager.service"});
    struct stat info = {};
    ASSERT_EQ(
        ::stat((temp.folder / "etc/NetworkManager/system-connections/eth0.nmconnection").c_str(),
               &info),
        0);
    EXPECT_EQ(info.st_mode & 07777, 0600u);
    EXPECT_EQ(temp.get("/etc/resolv.conf"), "");
}

TEST_F(NetworkTest, SearchesItsDomainsWithoutResolved) {
    temp.put("/lib/systemd/systemd-networkd", "", true);
    ASSERT_TRUE(set({{.bootproto = "dhcp",
                      .nameservers = {"10.0.0.2"},
                      .search_domains = {"example.org", "example.com"}}}));
    EXPECT_EQ(temp.get("/etc/resolv.conf"),
              "search example.org example.com\nnameserver 10.0.0.2\n");
}

TEST_F(NetworkTest, NamesThePackageThatACardNeeds) {
    temp.put("/lib/systemd/systemd-networkd", "", true);
    const kickstart::Network wlan{.device = "wlan0",
                                  .kind = kickstart::NetworkKind::wireless,
                                  .essid = "home",
                                  .where = {"demo.ks", 8, 1}};
    EXPECT_EQ(set({wlan}).error().message,
              "network (demo.ks:8): the image has no wpa_supplicant for wlan0; add wpasupplicant "
              "to %packages");
    temp.put("/sbin/wpa_supplicant", "", true);
    EXPECT_EQ(set({wlan}).value(), (std::vector<std::string>{"systemd-networkd.service",
                                                             "wpa_supplicant@wlan0.service"}));
    std::filesystem::remove(temp.folder / "lib/systemd/systemd-networkd");
    temp.put("/sbin/ifup", "", true);
    EXPECT_NE(set({{.device = "bond0", .kind = kickstart::NetworkKind::bond, .members = {"eth0"}}})
                  .error()
                  .message.find("add ifenslave to %packages"),
              std::string::npos);
}

}  // namespace
}  // namespace img::network
