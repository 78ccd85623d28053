#include "rootfs/boot_target.hpp"

#include "tests/support/recording_runner.hpp"
#include "tests/support/temp_tree.hpp"
#include "tree/tree.hpp"

#include <gtest/gtest.h>

namespace img::rootfs {
namespace {

using tree::Tree;

class BootTargetTest : public ::testing::Test {
protected:
    Result<void> set(kickstart::XConfig xconfig) {
        xconfig.where = {"demo.ks", 9, 1};
        return set_boot_target(runner, Tree::open(temp.folder).value(), xconfig,
                               [this](std::string_view line) { log += line; });
    }
    std::string target() const {
        return std::filesystem::read_symlink(temp.folder / "etc/systemd/system/default.target")
            .string();
    }
    testing::TempTree temp;
    testing::RecordingRunner runner;
    std::string log;
};

TEST(Runlevel, StandsInItsLine) {
    EXPECT_EQ(with_runlevel("# id:1:initdefault:\nid:3:initdefault:\nsi::sysinit:x\n", 5),
              "# id:1:initdefault:\nid:5:initdefault:\nsi::sysinit:x\n");
    EXPECT_EQ(with_runlevel("", 3), "id:3:initdefault:\n");
}

TEST_F(BootTargetTest, IsALinkForSystemd) {
    temp.put("/lib/systemd/systemd", "", true);
    ASSERT_TRUE(set({.start_on_boot = true}));
    EXPECT_EQ(target(), "/lib/systemd/system/graphical.target");
    temp.put("/usr/lib/systemd/system/multi-user.target");
    ASSERT_TRUE(set({.skip = true}));
    EXPECT_EQ(target(), "/usr/lib/systemd/system/multi-user.target");
}

TEST_F(BootTargetTest, IsARunlevelWithoutSystemd) {
    temp.put("/etc/inittab", "id:3:initdefault:\n");
    ASSERT_TRUE(set({.start_on_boot = true}));
    EXPECT_EQ(temp.get("/etc/inittab"), "id:5:initdefault:\n");
    ASSERT_TRUE(set({.skip = true}));
    EXPECT_EQ(temp.get("/etc/inittab"), "id:3:initdefault:\n");
    std::filesystem::remove(temp.folder / "etc/inittab");
    EXPECT_TRUE(
        set({.skip = true}).error().message.starts_with("skipx (demo.ks:9): the image has"));
}

TEST_F(BootTargetTest, HasItsDesktopInSysconfigOnRpmTrees) {
    temp.put("/etc/sysconfig/desktop", "DISPLAYMANAGER=gdm\n");
    ASSERT_TRUE(set({.default_desktop = "GNOME"}));
    EXPECT_EQ(temp.get("/etc/sysconfig/desktop"), "DISPLAYMANAGER=gdm\nDESKTOP=GNOME\n");
    EXPECT_EQ(set({.default_desktop = "a$(reboot)"}).error().fault, Fault::invalid);
    EXPECT_EQ(set({.default_desktop = "a\nX=1"}).error().fault, Fault::invalid);
}

TEST_F(BootTargetTest, HasItsDesktopAsTheSessionOfXOnDebian) {
    temp.put("/usr/bin/startxfce4", "", true);
    ASSERT_TRUE(set({.default_desktop = "XFCE"}));
    ASSERT_EQ(runner.commands.size(), 1u);
    EXPECT_EQ(runner.commands[0].argv,
              (std::vector<std::string>{"update-alternatives", "--set", "x-session-manager",
                                        "/usr/bin/startxfce4"}));
    ASSERT_TRUE(set({.default_desktop = "GNOME"}));
    EXPECT_EQ(log,
              "warning: xconfig --defaultdesktop=GNOME (demo.ks:9): the image has no session of "
              "that name");
}

}  // namespace
}  // namespace img::rootfs
