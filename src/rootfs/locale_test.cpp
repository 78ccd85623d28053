#include "rootfs/locale.hpp"

#include "rootfs/tree.hpp"
#include "tests/support/recording_runner.hpp"
#include "tests/support/temp_tree.hpp"

#include <gtest/gtest.h>

namespace img::rootfs {
namespace {

class LocaleTest : public ::testing::Test {
protected:
    void install_locales() {
        temp.put("/usr/share/i18n/SUPPORTED",
                 "de_DE.UTF-8 UTF-8\nde_DE ISO-8859-1\nen_US.UTF-8 UTF-8\n");
        temp.put("/etc/locale.gen", "# comment\n\n# de_DE ISO-8859-1\n# de_DE.UTF-8 UTF-8\n");
        temp.put("/usr/sbin/locale-gen", "", true);
    }
    Result<void> set(const kickstart::Lang& lang) {
        return set_locale(runner, Tree::open(temp.folder).value(), lang,
                          [this](std::string_view line) { log += line; });
    }

    testing::TempTree temp;
    testing::RecordingRunner runner;
    std::string log;
};

TEST_F(LocaleTest, SwitchesItsLineOfLocaleGenOnAndCompilesInTheTree) {
    install_locales();
    ASSERT_TRUE(set({.locale = "de_DE.utf8", .additional = {"en_US.UTF-8"}}));
    EXPECT_EQ(temp.get("/etc/locale.gen"),
              "# comment\n\n# de_DE ISO-8859-1\nde_DE.UTF-8 UTF-8\nen_US.UTF-8 UTF-8\n");
    EXPECT_EQ(temp.get("/etc/default/locale"), "LANG=de_DE.UTF-8\n");
    ASSERT_EQ(runner.commands.size(), 1u);
    EXPECT_EQ(runner.commands[0].argv, std::vector<std::string>{"locale-gen"});
    EXPECT_EQ(runner.commands[0].root, temp.folder);
}

TEST_F(LocaleTest, IsTheSameFileWhenSetTwice) {
    install_locales();
    ASSERT_TRUE(set({.locale = "de_DE.UTF-8"}));
    const std::string once = temp.get("/etc/locale.gen");
    ASSERT_TRUE(set({.locale = "de_DE.UTF-8"}));
    EXPECT_EQ(temp.get("/etc/locale.gen"), once);
}

TEST_F(LocaleTest, NamesTheLineAndTheNearestOfAnUnknownOne) {
    install_locales();
    const auto done = set({.locale = "de_ED.UTF-8", .where = {"demo.ks", 4, 1}});
    ASSERT_FALSE(done);
    EXPECT_EQ(done.error().fault, Fault::invalid);
    EXPECT_EQ(done.error().message,
              "lang de_ED.UTF-8 (demo.ks:4): the image knows no such locale, did you mean "
              "de_DE.UTF-8");
}

TEST_F(LocaleTest, CompilesNothingForTheBuiltInOnes) {
    install_locales();
    ASSERT_TRUE(set({.locale = "C.UTF-8"}));
    EXPECT_TRUE(runner.commands.empty());
    EXPECT_EQ(temp.get("/etc/default/locale"), "LANG=C.UTF-8\n");
    EXPECT_EQ(log, "");
}

TEST_F(LocaleTest, SaysThatItWaitsForThePackage) {
    ASSERT_TRUE(set({.locale = "de_DE.UTF-8"}));
    EXPECT_EQ(temp.get("/etc/default/locale"), "LANG=de_DE.UTF-8\n");
    EXPECT_NE(log.find("no package locales"), std::string::npos);
}

TEST_F(LocaleTest, KeepsLocaleConfInStepWhereTheTreeHasOne) {
    temp.put("/etc/locale.conf", "LANG=C\n");
    ASSERT_TRUE(set({.locale = "C.UTF-8"}));
    EXPECT_EQ(temp.get("/etc/locale.conf"), "LANG=C.UTF-8\n");
}

TEST_F(LocaleTest, RefusesWhatIsNoLocalesName) {
    EXPECT_EQ(set({.locale = "de_DE\nLD_PRELOAD=x"}).error().fault, Fault::invalid);
    EXPECT_EQ(set({.locale = ""}).error().fault, Fault::invalid);
    EXPECT_EQ(temp.get("/etc/default/locale"), "");
}

TEST_F(LocaleTest, ReportsACompilerThatFails) {
    install_locales();
    runner.answer = system::Finished{.status = 1, .tail = "cannot open locale definition"};
    EXPECT_EQ(set({.locale = "de_DE.UTF-8"}).error().message,
              "locale-gen: exit 1: cannot open locale definition");
}

}  // namespace
}  // namespace img::rootfs
