#include "rootfs/ssh_login.hpp"

#include "tests/support/temp_tree.hpp"
#include "tree/tree.hpp"

#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

namespace img::rootfs {
namespace {

using tree::Tree;

class SshLoginTest : public ::testing::Test {
protected:
    SshLoginTest() {
        // A user with our own ids: the test need not be root.
        temp.put("/etc/passwd",
                 "root:x:0:0:root:/root:/bin/bash\n"
                 "daemon:x:1:1::/nonexistent:/usr/sbin/nologin\n" +
                     fmt_user("anna"));
        std::filesystem::create_directories(temp.folder / "home/anna");
    }
    static std::string fmt_user(const std::string& name) {
        return name + ":x:" + std::to_string(::getuid()) + ":" + std::to_string(::getgid()) +
               "::/home/" + name + ":/bin/sh\n";
    }
    Result<void> set(const std::string& user, const std::string& key) {
        return set_ssh_keys(tree(), {{.user = user, .key = key, .where = {"demo.ks", 8, 1}}});
    }
    Result<void> allow() {
        return allow_root_login(tree(),
                                {.password = {}, .allow_ssh = true, .where = {"d.ks", 2, 1}},
                                [this](std::string_view line) { log += line; });
    }
    Tree tree() const { return Tree::open(temp.folder).value(); }
    unsigned mode_of(const char* path) const {
        struct stat info = {};
        return ::stat((temp.folder / path).c_str(), &info) == 0 ? info.st_mode & 07777 : 0;
    }
    testing::TempTree temp;
    std::string log;
};

TEST_F(SshLoginTest, WritesAKeyForTheUsersEyesOnly) {
    ASSERT_TRUE(set("anna", "ssh-ed25519 AAAA anna@desk"));
    EXPECT_EQ(temp.get("/home/anna/.ssh/authorized_keys"), "ssh-ed25519 AAAA anna@desk\n");
    EXPECT_EQ(mode_of("home/anna/.ssh"), 0700u);
    EXPECT_EQ(mode_of("home/anna/.ssh/authorized_keys"), 0600u);
}

TEST_F(SshLoginTest, AddsKeysAndNoneTwice) {
    temp.put("/home/anna/.ssh/authorized_keys", "ssh-rsa OLD");
    ASSERT_TRUE(set("anna", "ssh-ed25519 NEW"));
    ASSERT_TRUE(set("anna", "ssh-ed25519 NEW"));
    EXPECT_EQ(temp.get("/home/anna/.ssh/authorized_keys"), "ssh-rsa OLD\nssh-ed25519 NEW\n");
}

TEST_F(SshLoginTest, NamesTheNearestOfAnUnknownUser) {
    EXPECT_EQ(set("annna", "ssh-ed25519 AAAA").error().message,
              "sshkey --username=annna (demo.ks:8): the image has no such user, did you mean anna; "
              "make one with `user`");
    EXPECT_EQ(set("daemon", "ssh-ed25519 AAAA").error().message,
              "sshkey --username=daemon (demo.ks:8): the user's home '/nonexistent' is not in the "
              "image; give it one with `user --homedir`");
}

TEST_F(SshLoginTest, TakesNoSecondLineForAKey) {
    EXPECT_EQ(set("anna", "ssh-ed25519 AAAA\nssh-rsa EVIL").error().fault, Fault::invalid);
    EXPECT_EQ(set("anna", " ").error().fault, Fault::invalid);
    EXPECT_EQ(set("anna\n", "ssh-ed25519 AAAA").error().fault, Fault::invalid);
    EXPECT_EQ(temp.get("/home/anna/.ssh/authorized_keys"), "");
}

TEST_F(SshLoginTest, LetsRootInByADropInWhereSshdReadsThem) {
    temp.put("/usr/sbin/sshd", "", true);
    temp.put("/etc/ssh/sshd_config",
             "# x\nInclude /etc/ssh/sshd_config.d/*.conf\nX11Forwarding no\n");
    ASSERT_TRUE(allow());
    EXPECT_EQ(temp.get("/etc/ssh/sshd_config.d/01-permitrootlogin.conf"), "PermitRootLogin yes\n");
    EXPECT_EQ(log, "");
}

TEST_F(SshLoginTest, LetsRootInByTheFirstLineOfAnOldConfiguration) {
    temp.put("/usr/sbin/sshd", "", true);
    temp.put("/etc/ssh/sshd_config", "PermitRootLogin no\n");
    ASSERT_TRUE(allow());
    ASSERT_TRUE(allow());
    EXPECT_EQ(temp.get("/etc/ssh/sshd_config"), "PermitRootLogin yes\nPermitRootLogin no\n");
}

TEST_F(SshLoginTest, SaysThatThereIsNoSshd) {
    ASSERT_TRUE(allow());
    EXPECT_EQ(log,
              "warning: rootpw --allow-ssh (d.ks:2): the image has no sshd; openssh-server brings "
              "it");
}

}  // namespace
}  // namespace img::rootfs
