#include "rootfs/desktop.hpp"

#include "tests/support/temp_tree.hpp"
#include "tree/tree.hpp"

#include <gtest/gtest.h>

namespace img::rootfs {
namespace {

using tree::Tree;

class DesktopTest : public ::testing::Test {
protected:
    DesktopTest() { temp.put("/etc/passwd", "root:x:0:0::/root:/bin/sh\nanna:x:1000:1000::/:x\n"); }
    Result<void> set(kickstart::Desktop desktop) {
        desktop.where = {"demo.ks", 9, 1};
        return set_desktop(Tree::open(temp.folder).value(), desktop,
                           [this](std::string_view line) { log += line; });
    }
    testing::TempTree temp;
    std::string log;
};

TEST_F(DesktopTest, LogsInWithEveryDisplayManagerOfTheTree) {
    temp.put("/etc/gdm3/daemon.conf", "# GDM\n[daemon]\n#WaylandEnable=false\n\n[security]\n");
    temp.put("/usr/sbin/lightdm", "", true);
    temp.put("/usr/bin/sddm", "", true);
    temp.put("/etc/sysconfig/uxlaunch", "user=meego\nsession=/usr/bin/old\n");
    temp.put("/etc/debian_version");
    ASSERT_TRUE(set({.autologin_user = "anna", .session = "/usr/bin/mutter"}));
    EXPECT_EQ(temp.get("/etc/gdm3/daemon.conf"),
              "# GDM\n[daemon]\nAutomaticLoginEnable=True\nAutomaticLogin=anna\n"
              "#WaylandEnable=false\n\n[security]\n");
    EXPECT_EQ(temp.get("/var/lib/AccountsService/users/anna"),
              "[User]\nSession=/usr/bin/mutter\nXSession=/usr/bin/mutter\n");
    EXPECT_EQ(temp.get("/etc/lightdm/lightdm.conf.d/50-autologin.conf"),
              "[Seat:*]\nautologin-user=anna\nautologin-session=/usr/bin/mutter\n"
              "user-session=/usr/bin/mutter\n");
    EXPECT_EQ(temp.get("/etc/sddm.conf.d/autologin.conf"),
              "[Autologin]\nUser=anna\nSession=/usr/bin/mutter\n");
    EXPECT_EQ(temp.get("/etc/sysconfig/uxlaunch"), "user=anna\nsession=/usr/bin/mutter\n");
    EXPECT_FALSE(std::filesystem::exists(temp.folder / "etc/sysconfig/desktop"));
    EXPECT_EQ(log, "");
}

TEST_F(DesktopTest, IsInSysconfigOnRpmTrees) {
    temp.put("/etc/sysconfig/clock");
    ASSERT_TRUE(
        set({.default_desktop = "X-MEEGO", .default_manager = "gdm", .autologin_user = "anna"}));
    EXPECT_EQ(temp.get("/etc/sysconfig/desktop"),
              "DESKTOP=X-MEEGO\nAUTOLOGIN_USER=anna\nDISPLAYMANAGER=gdm\n");
    EXPECT_TRUE(log.contains("no display manager that could log in")) << log;
}

TEST_F(DesktopTest, StartsTheManagerByItsNameOfTheDistribution) {
    temp.put("/lib/systemd/system/gdm3.service");
    temp.put("/lib/systemd/systemd", "", true);
    ASSERT_TRUE(set({.default_manager = "gdm"}));
    EXPECT_EQ(
        std::filesystem::read_symlink(temp.folder / "etc/systemd/system/display-manager.service"),
        "/lib/systemd/system/gdm3.service");
    EXPECT_EQ(temp.get("/etc/X11/default-display-manager"), "/usr/sbin/gdm3\n");
    EXPECT_EQ(set({.default_manager = "xdm"}).error().message,
              "desktop --defaultdm=xdm (demo.ks:9): the image has no service of that name; add its "
              "package to %packages");
}

TEST_F(DesktopTest, NamesTheNearestOfAnUnknownUser) {
    EXPECT_EQ(set({.autologin_user = "ana"}).error().message,
              "desktop --autologinuser=ana (demo.ks:9): the image has no such user, did you mean "
              "anna; make one with `user`");
}

TEST_F(DesktopTest, TakesWordsOnly) {
    temp.put("/etc/gdm3/daemon.conf", "[daemon]\n");
    for (const char* evil : {"x\n[daemon]", "a b", "$(reboot)", "x;y", "\"", "-x"}) {
        EXPECT_EQ(set({.default_desktop = evil}).error().fault, Fault::invalid) << evil;
        EXPECT_EQ(set({.default_manager = evil}).error().fault, Fault::invalid) << evil;
        EXPECT_EQ(set({.session = evil}).error().fault, Fault::invalid) << evil;
        EXPECT_EQ(set({.autologin_user = evil}).error().fault, Fault::invalid) << evil;
    }
    EXPECT_EQ(temp.get("/etc/gdm3/daemon.conf"), "[daemon]\n");
}

}  // namespace
}  // namespace img::rootfs
