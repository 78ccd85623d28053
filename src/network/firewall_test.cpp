#include "network/firewall.hpp"

#include "tests/support/recording_runner.hpp"
#include "tests/support/temp_tree.hpp"
#include "tree/tree.hpp"

#include <gtest/gtest.h>

namespace img::network {
namespace {

using tree::Tree;

using Words = std::vector<std::string>;

class FirewallTest : public ::testing::Test {
protected:
    Result<kickstart::Services> set(kickstart::Firewall firewall) {
        firewall.where = {"demo.ks", 6, 1};
        return set_firewall(runner, Tree::open(temp.folder).value(), firewall);
    }
    testing::TempTree temp;
    testing::RecordingRunner runner;
};

TEST_F(FirewallTest, IsFirewalldWhereThatIsInTheTree) {
    temp.put("/usr/bin/firewall-offline-cmd", "", true);
    temp.put("/usr/sbin/nft", "", true);
    temp.put("/lib/systemd/system/nftables.service");
    const auto services = set({.ports = {"8080:tcp"},
                               .services = {"http"},
                               .removed_services = {"ssh"},
                               .trusted = {"eth1"}});
    ASSERT_EQ(runner.commands.size(), 1u);
    EXPECT_EQ(runner.commands[0].argv,
              (Words{"firewall-offline-cmd", "--enabled", "--trust=eth1", "--port=8080:tcp",
                     "--service=http", "--remove-service=ssh"}));
    EXPECT_EQ(runner.commands[0].root, temp.folder);
    EXPECT_EQ(services->enabled, Words{"firewalld.service"});
    EXPECT_EQ(services->disabled, Words{"nftables.service"});
}

TEST_F(FirewallTest, IsNftablesElseWithTheTreesOwnNamesOfServices) {
    temp.put("/usr/sbin/nft", "", true);
    temp.put("/etc/services", "depot 4711/tcp\n");
    EXPECT_EQ(set({.services = {"depot"}})->enabled, Words{"nftables.service"});
    EXPECT_NE(temp.get("/etc/nftables.conf").find("\t\ttcp dport 4711 accept comment \"depot\"\n"),
              std::string::npos);
    EXPECT_TRUE(runner.commands.empty());
}

TEST_F(FirewallTest, IsLokkitOnOldRpmTrees) {
    temp.put("/usr/sbin/lokkit", "", true);
    ASSERT_TRUE(set({.services = {"ssh"}}));
    EXPECT_EQ(runner.commands[0].argv,
              (Words{"lokkit", "-f", "--quiet", "--nostart", "--enabled", "--service=ssh"}));
}

TEST_F(FirewallTest, SaysWhatToAddWhereThereIsNone) {
    EXPECT_EQ(set({}).error().message,
              "firewall (demo.ks:6): the image has no firewall; add nftables or firewalld to "
              "%packages");
    const auto off = set({.enabled = false});
    ASSERT_TRUE(off);
    EXPECT_TRUE(off->disabled.empty());
}

TEST_F(FirewallTest, SwitchedOffDisablesWhatIsThere) {
    temp.put("/usr/sbin/nft", "", true);
    temp.put("/lib/systemd/system/nftables.service");
    temp.put("/usr/bin/firewall-offline-cmd", "", true);
    EXPECT_EQ(set({.enabled = false})->disabled, Words{"nftables.service"});
    EXPECT_EQ(temp.get("/etc/nftables.conf"), "");
    EXPECT_TRUE(runner.commands.empty());
}

TEST_F(FirewallTest, IsLeftAsPackagesSetItUpWhenToldSo) {
    temp.put("/usr/bin/firewall-offline-cmd", "", true);
    const auto services = set({.system_defaults = true});
    EXPECT_TRUE(runner.commands.empty());
    EXPECT_EQ(services.value(), kickstart::Services());
}

TEST_F(FirewallTest, LetsNothingIntoTheRulesetButNamesAndNumbers) {
    temp.put("/usr/sbin/nft", "", true);
    for (const char* evil : {"22", "22:tcp accept; flush", "0:tcp", "70000:tcp", "1-:tcp",
                             "22:icmp", "22:tcp\n", "x:tcp", ":tcp"}) {
        EXPECT_EQ(set({.ports = {evil}}).error().fault, Fault::invalid) << evil;
    }
    for (const char* evil : {"", "-x", "ssh\n", "a\" accept", "a;b", "a b", "$(x)", "{"}) {
        EXPECT_EQ(set({.services = {evil}}).error().fault, Fault::invalid) << evil;
        EXPECT_EQ(set({.removed_services = {evil}}).error().fault, Fault::invalid) << evil;
        EXPECT_EQ(set({.trusted = {evil}}).error().fault, Fault::invalid) << evil;
    }
    EXPECT_EQ(temp.get("/etc/nftables.conf"), "");
}

}  // namespace
}  // namespace img::network
