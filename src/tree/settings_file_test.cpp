#include "tree/settings_file.hpp"

#include <gtest/gtest.h>

namespace img::tree {
namespace {

TEST(Assignment, TakesThePlaceOfTheOldOneAndLeavesTheRest) {
    EXPECT_EQ(with_assignment("# SELINUX= says\nSELINUX=enforcing\n\nSELINUXTYPE=targeted\n",
                              "SELINUX", "disabled"),
              "# SELINUX= says\nSELINUX=disabled\n\nSELINUXTYPE=targeted\n");
    EXPECT_EQ(with_assignment("A=1\nA=2\nB=3", "A", "4"), "A=4\nB=3\n");
}

TEST(Assignment, IsAddedWhereThereIsNone) {
    EXPECT_EQ(with_assignment("", "A", "1"), "A=1\n");
    EXPECT_EQ(with_assignment("#A=0\nAB=2", "A", "1"), "#A=0\nAB=2\nA=1\n");
}

TEST(IniSetting, StandsInItsSectionOnce) {
    constexpr auto kOld = "# gdm\n[daemon]\n#AutomaticLogin=user\nAutomaticLogin=bob\n\n[debug]\n";
    const std::string once = with_ini_setting(kOld, "daemon", "AutomaticLogin", "anna");
    EXPECT_EQ(once, "# gdm\n[daemon]\nAutomaticLogin=anna\n#AutomaticLogin=user\n\n[debug]\n");
    EXPECT_EQ(with_ini_setting(once, "daemon", "AutomaticLogin", "anna"), once);
}

TEST(IniSetting, MakesItsSection) {
    EXPECT_EQ(with_ini_setting("", "Autologin", "User", "anna"), "[Autologin]\nUser=anna\n");
    EXPECT_EQ(with_ini_setting("[X]\nUser=bob\n", "Autologin", "User", "anna"),
              "[X]\nUser=bob\n\n[Autologin]\nUser=anna\n");
}

}  // namespace
}  // namespace img::tree
