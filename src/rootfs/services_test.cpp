#include "rootfs/services.hpp"

#include "tests/support/recording_runner.hpp"
#include "tests/support/temp_tree.hpp"
#include "tree/tree.hpp"

#include <gtest/gtest.h>

namespace img::rootfs {
namespace {

using tree::Tree;

using Argv = std::vector<std::string>;

class ServicesTest : public ::testing::Test {
protected:
    ServicesTest() {
        temp.put("/bin/systemctl", "", true);
        temp.put("/lib/systemd/system/ssh.service");
        temp.put("/lib/systemd/system/getty@.service");
        temp.put("/lib/systemd/system/fstrim.timer");
    }
    Result<void> set(Argv enabled, Argv disabled = {}) {
        return set_services(runner, Tree::open(temp.folder).value(),
                            {.enabled = std::move(enabled),
                             .disabled = std::move(disabled),
                             .where = {"demo.ks", 12, 1}},
                            [this](std::string_view line) { log += line; });
    }
    testing::TempTree temp;
    testing::RecordingRunner runner;
    std::string log;
};

TEST_F(ServicesTest, AreEnabledByTheTreesOwnSystemctlInOneCall) {
    ASSERT_TRUE(set({"ssh", "getty@ttyS1", "fstrim.timer"}));
    ASSERT_EQ(runner.commands.size(), 1u);
    EXPECT_EQ(runner.commands[0].argv, (Argv{"systemctl", "--root=/", "enable", "--", "ssh.service",
                                             "getty@ttyS1.service", "fstrim.timer"}));
    EXPECT_EQ(runner.commands[0].root, temp.folder);
}

TEST_F(ServicesTest, NameTheLineAndTheNearestOfAnUnknownOne) {
    const auto done = set({"sshd"});
    ASSERT_FALSE(done);
    EXPECT_EQ(done.error().fault, Fault::invalid);
    EXPECT_EQ(done.error().message,
              "services --enabled=sshd (demo.ks:12): the image has no sshd.service; did you mean "
              "ssh.service?");
    EXPECT_NE(set({"postgresql"}).error().message.find("is its package in %packages?"),
              std::string::npos);
    EXPECT_TRUE(runner.commands.empty());
}

TEST_F(ServicesTest, NeedNotBeThereToBeDisabled) {
    ASSERT_TRUE(set({}, {"cups", "ssh"}));
    EXPECT_EQ(log, "services (demo.ks:12): the image has no cups.service: nothing to disable");
    EXPECT_EQ(runner.commands[0].argv,
              (Argv{"systemctl", "--root=/", "disable", "--", "ssh.service"}));
}

TEST_F(ServicesTest, AreSwitchedByUpdateRcWithoutSystemd) {
    std::filesystem::remove(temp.folder / "bin/systemctl");
    temp.put("/etc/init.d/cron", "", true);
    ASSERT_TRUE(set({"cron"}));
    EXPECT_EQ(runner.commands[0].argv, (Argv{"update-rc.d", "cron", "enable"}));
}

TEST_F(ServicesTest, AreSwitchedByChkconfigOnOldRpmTrees) {
    std::filesystem::remove(temp.folder / "bin/systemctl");
    temp.put("/sbin/chkconfig", "", true);
    temp.put("/etc/rc.d/init.d/sshd", "", true);
    temp.put("/etc/rc.d/init.d/cups", "", true);
    ASSERT_TRUE(set({"sshd"}, {"cups"}));
    EXPECT_EQ(runner.commands[0].argv, (Argv{"chkconfig", "cups", "off"}));
    EXPECT_EQ(runner.commands[1].argv, (Argv{"chkconfig", "sshd", "on"}));
}

TEST_F(ServicesTest, AreNoPathsAndNoOptions) {
    for (const char* name : {"--now", "../../etc/passwd", "a b", ""}) {
        EXPECT_EQ(set({name}).error().fault, Fault::invalid) << name;
        EXPECT_EQ(set({}, {name}).error().fault, Fault::invalid) << name;
    }
}

TEST_F(ServicesTest, RunNothingWhenNoneIsNamed) {
    ASSERT_TRUE(set({}));
    EXPECT_TRUE(runner.commands.empty());
}

}  // namespace
}  // namespace img::rootfs
