#include "rootfs/first_boot.hpp"

#include "tests/support/temp_tree.hpp"
#include "tree/tree.hpp"

#include <gtest/gtest.h>

namespace img::rootfs {
namespace {

using tree::Tree;

using Words = std::vector<std::string>;
using kickstart::FirstBootMode;

class FirstBootTest : public ::testing::Test {
protected:
    kickstart::Services set(FirstBootMode mode) {
        return set_first_boot(Tree::open(temp.folder).value(),
                              {.mode = mode, .where = {"demo.ks", 9, 1}},
                              [this](std::string_view line) { log += line; })
            .value();
    }
    bool has(const char* path) const { return std::filesystem::exists(temp.folder / path); }
    testing::TempTree temp;
    std::string log;
};

TEST_F(FirstBootTest, IsInitialSetupWhereTheTreeHasIt) {
    temp.put("/usr/lib/systemd/system/initial-setup.service");
    temp.put("/usr/lib/systemd/system/initial-setup-graphical.service");
    EXPECT_EQ(set(FirstBootMode::enable).enabled, Words{"initial-setup.service"});
    EXPECT_FALSE(has("etc/reconfigSys"));
    EXPECT_EQ(set(FirstBootMode::reconfig).enabled, Words{"initial-setup.service"});
    EXPECT_TRUE(has("etc/reconfigSys"));
    EXPECT_EQ(set(FirstBootMode::disable).disabled,
              (Words{"initial-setup.service", "initial-setup-graphical.service"}));
    EXPECT_FALSE(has("etc/reconfigSys"));
}

TEST_F(FirstBootTest, IsSystemdsElseOnceByAFlagOfOurs) {
    temp.put("/usr/lib/systemd/system/systemd-firstboot.service");
    EXPECT_TRUE(set(FirstBootMode::enable).enabled.empty());
    EXPECT_EQ(temp.get("/etc/systemd/system/systemd-firstboot.service.d/kickstart.conf"),
              "[Unit]\nConditionFirstBoot=\nConditionPathExists=/etc/reconfigSys\n\n[Service]\n"
              "ExecStartPost=/bin/rm -f /etc/reconfigSys\n");
    EXPECT_EQ(
        std::filesystem::read_symlink(
            temp.folder / "etc/systemd/system/sysinit.target.wants/systemd-firstboot.service"),
        "/usr/lib/systemd/system/systemd-firstboot.service");
    EXPECT_TRUE(has("etc/reconfigSys"));
}

TEST_F(FirstBootTest, IsInSysconfigOnOldRpmTrees) {
    temp.put("/etc/redhat-release");
    set(FirstBootMode::disable);
    EXPECT_EQ(temp.get("/etc/sysconfig/firstboot"), "RUN_FIRSTBOOT=NO\n");
}

TEST_F(FirstBootTest, SaysThatNothingCouldAsk) {
    set(FirstBootMode::disable);
    EXPECT_EQ(log, "");
    set(FirstBootMode::enable);
    EXPECT_EQ(log,
              "warning: firstboot (demo.ks:9): the image has nothing that asks; initial-setup or "
              "systemd does");
}

}  // namespace
}  // namespace img::rootfs
