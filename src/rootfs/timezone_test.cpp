#include "rootfs/timezone.hpp"

#include "tests/support/temp_tree.hpp"
#include "tree/tree.hpp"

#include <gtest/gtest.h>

namespace img::rootfs {
namespace {

using tree::Tree;

class TimezoneTest : public ::testing::Test {
protected:
    TimezoneTest() { temp.put("/usr/share/zoneinfo/Europe/Berlin", "TZif2"); }
    Result<void> set(const kickstart::Timezone& timezone) {
        return set_timezone(Tree::open(temp.folder).value(), timezone);
    }
    testing::TempTree temp;
};

TEST_F(TimezoneTest, LinksLocaltimeAndSaysHowTheClockIsRead) {
    ASSERT_TRUE(set({.zone = "Europe/Berlin", .utc = true}));
    EXPECT_EQ(std::filesystem::read_symlink(temp.folder / "etc/localtime"),
              "/usr/share/zoneinfo/Europe/Berlin");
    EXPECT_EQ(temp.get("/etc/timezone"), "Europe/Berlin\n");
    EXPECT_EQ(temp.get("/etc/adjtime"), "0.0 0 0.0\n0\nUTC\n");
    ASSERT_TRUE(set({.zone = "Europe/Berlin"}));
    EXPECT_EQ(temp.get("/etc/adjtime"), "0.0 0 0.0\n0\nLOCAL\n");
}

TEST_F(TimezoneTest, NamesTheLineAndTheNearestOfAnUnknownZone) {
    const auto done = set({.zone = "Europe/Berlni", .where = {"demo.ks", 7, 1}});
    ASSERT_FALSE(done);
    EXPECT_EQ(done.error().fault, Fault::invalid);
    EXPECT_EQ(done.error().message,
              "timezone Europe/Berlni (demo.ks:7): the image has no "
              "/usr/share/zoneinfo/Europe/Berlni, did you mean Berlin");
}

TEST_F(TimezoneTest, RefusesAPathThatClimbs) {
    temp.put("/etc/shadow", "secret");
    for (const char* zone : {"../../../etc/shadow", "/etc/shadow", "Europe/Ber lin", "UTC\nX=1",
                             "UTC\"; reboot; \""}) {
        EXPECT_EQ(set({.zone = zone}).error().fault, Fault::invalid) << zone;
    }
    EXPECT_FALSE(std::filesystem::is_symlink(temp.folder / "etc/localtime"));
}

TEST_F(TimezoneTest, NamesThePackageWhereThereAreNoZonesAtAll) {
    std::filesystem::remove_all(temp.folder / "usr");
    EXPECT_EQ(set({.zone = "UTC"}).error().message,
              "timezone UTC: the image has no time zones; add tzdata to %packages");
}

TEST_F(TimezoneTest, WithoutAZoneIsOnlyAboutTheClock) {
    ASSERT_TRUE(set({.zone = "", .utc = false}));
    EXPECT_EQ(temp.get("/etc/adjtime"), "");
    ASSERT_TRUE(set({.zone = "", .utc = true}));
    EXPECT_EQ(temp.get("/etc/adjtime"), "0.0 0 0.0\n0\nUTC\n");
    EXPECT_FALSE(std::filesystem::exists(temp.folder / "etc/timezone"));
}

TEST_F(TimezoneTest, OfAnRpmTreeHasNoTimezoneFile) {
    temp.put("/etc/redhat-release");
    temp.put("/usr/bin/systemctl", "", true);
    ASSERT_TRUE(set({.zone = "Europe/Berlin", .utc = true}));
    EXPECT_FALSE(std::filesystem::exists(temp.folder / "etc/timezone"));
    EXPECT_FALSE(std::filesystem::exists(temp.folder / "etc/sysconfig/clock"));
    EXPECT_EQ(std::filesystem::read_symlink(temp.folder / "etc/localtime"),
              "/usr/share/zoneinfo/Europe/Berlin");
}

TEST_F(TimezoneTest, OfAnOldRpmTreeIsInSysconfig) {
    temp.put("/etc/redhat-release");
    ASSERT_TRUE(set({.zone = "Europe/Berlin"}));
    EXPECT_EQ(temp.get("/etc/sysconfig/clock"), "ZONE=\"Europe/Berlin\"\nUTC=False\n");
}

}  // namespace
}  // namespace img::rootfs
