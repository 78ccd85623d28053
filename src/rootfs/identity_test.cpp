#include "rootfs/identity.hpp"

#include "tests/support/temp_tree.hpp"
#include "tree/tree.hpp"

#include <gtest/gtest.h>

namespace img::rootfs {
namespace {

using tree::Tree;

class IdentityTest : public ::testing::Test {
protected:
    void forget() {
        ASSERT_TRUE(forget_identity(Tree::open(temp.folder).value(),
                                    [this](std::string_view line) { log += line; }));
    }
    std::string target(const char* link) {
        return std::filesystem::read_symlink(temp.folder / link).string();
    }

    testing::TempTree temp;
    std::string log;
};

TEST_F(IdentityTest, EmptiesTheMachineIdAndNeverMarksAFirstBoot) {
    temp.put("/etc/machine-id", "0123456789abcdef0123456789abcdef\n");
    temp.put("/var/lib/dbus/machine-id", "0123456789abcdef0123456789abcdef\n");
    temp.put("/var/lib/systemd/random-seed", "seed");
    forget();
    EXPECT_TRUE(std::filesystem::is_empty(temp.folder / "etc/machine-id"));
    EXPECT_EQ(target("var/lib/dbus/machine-id"), "/etc/machine-id");
    EXPECT_FALSE(std::filesystem::exists(temp.folder / "var/lib/systemd/random-seed"));
}

TEST_F(IdentityTest, TakesTheHostKeysOutAndHasTheFirstBootMakeNewOnes) {
    temp.put("/usr/sbin/sshd", "", true);
    temp.put("/lib/systemd/system/ssh.service");
    temp.put("/lib/systemd/system/ssh.socket");
    for (const char* name :
         {"ssh_host_rsa_key", "ssh_host_rsa_key.pub", "sshd_config", "ssh_host_note"}) {
        temp.put(std::string("/etc/ssh/") + name, "x");
    }
    forget();
    EXPECT_EQ(Tree::open(temp.folder).value().list("/etc/ssh"),
              (std::vector<std::string>{"ssh_host_note", "sshd_config"}));
    EXPECT_NE(temp.get("/etc/systemd/system/img-ssh-host-keys.service").find("ssh-keygen -A"),
              std::string::npos);
    EXPECT_EQ(target("etc/systemd/system/ssh.service.wants/img-ssh-host-keys.service"),
              "../img-ssh-host-keys.service");
    EXPECT_EQ(target("etc/systemd/system/ssh.socket.wants/img-ssh-host-keys.service"),
              "../img-ssh-host-keys.service");
}

TEST_F(IdentityTest, LeavesTheKeysToADistributionThatMakesThemItself) {
    temp.put("/usr/sbin/sshd", "", true);
    temp.put("/lib/systemd/system/ssh.service");
    temp.put("/usr/lib/systemd/system/sshd-keygen.service");
    forget();
    EXPECT_FALSE(std::filesystem::exists(temp.folder / "etc/systemd"));
    EXPECT_EQ(log, "");
}

TEST_F(IdentityTest, WarnsWhereNothingWouldMakeNewKeys) {
    temp.put("/usr/sbin/sshd", "", true);
    temp.put("/etc/ssh/ssh_host_rsa_key", "x");
    forget();
    EXPECT_FALSE(std::filesystem::exists(temp.folder / "etc/ssh/ssh_host_rsa_key"));
    EXPECT_NE(log.find("ssh-keygen -A"), std::string::npos);
}

TEST_F(IdentityTest, PutsNothingIntoATreeThatHasNone) {
    forget();
    EXPECT_TRUE(std::filesystem::is_empty(temp.folder));
}

}  // namespace
}  // namespace img::rootfs
