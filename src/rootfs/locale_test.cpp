#include "rootfs/locale.hpp"

#include "tests/support/recording_runner.hpp"
#include "tests/support/temp_tree.hpp"
#include "tree/tree.hpp"

#include <gtest/gtest.h>

namespace img::rootfs {
namespace {

using tree::Tree;

class LocaleTest : public ::testing::Test {
protected:
    void install_locales() {
        temp.put("/usr/share/i18n/SUPPORTED",
                 "de_DE.UTF-8 UTF-8\nde_DE ISO-8859-1\nde_DE@euro ISO-8859-15\nen_US.UTF-8 UTF-8\n"
                 "sr_RS UTF-8\nsr_RS@latin UTF-8\n");
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

TEST_F(LocaleTest, HasTheNameThatItsListHas) {
    install_locales();
    const std::vector<std::pair<std::string, std::string>> forms{
        {"de_DE", "de_DE.UTF-8"},
        {"de_DE.utf8", "de_DE.UTF-8"},
        {"de_DE.UTF-8", "de_DE.UTF-8"},
        {"de_DE.ISO-8859-1", "de_DE"},
        {"de_DE.iso88591", "de_DE"},
        {"de_DE@euro", "de_DE@euro"},
        {"sr_RS@latin", "sr_RS@latin"},
        {"sr_RS.UTF-8@latin", "sr_RS@latin"},
        {"POSIX", "POSIX"},
        {"C.utf8", "C.UTF-8"}};
    for (const auto& [written, meant] : forms) {
        ASSERT_TRUE(set({.locale = written})) << written;
        EXPECT_EQ(temp.get("/etc/default/locale"), "LANG=" + meant + "\n") << written;
    }
    EXPECT_NE(temp.get("/etc/locale.gen").find("\nde_DE ISO-8859-1\n"), std::string::npos);
    EXPECT_NE(temp.get("/etc/locale.gen").find("\nsr_RS@latin UTF-8\n"), std::string::npos);
}

TEST_F(LocaleTest, OfAnRpmTreeComesWithItsLanguagePack) {
    temp.put("/usr/lib/rpm/macros");
    temp.put("/usr/lib/systemd/systemd", "", true);
    temp.put("/usr/lib/locale/de_DE.utf8/LC_CTYPE");
    ASSERT_TRUE(set({.locale = "de_DE"}));
    EXPECT_EQ(log, "");
    EXPECT_EQ(temp.get("/etc/locale.conf"), "LANG=de_DE.UTF-8\n");
    EXPECT_FALSE(std::filesystem::exists(temp.folder / "etc/default/locale"));
    EXPECT_FALSE(std::filesystem::exists(temp.folder / "etc/sysconfig/i18n"));
    ASSERT_TRUE(set({.locale = "fr_FR.UTF-8", .where = {"demo.ks", 4, 1}}));
    EXPECT_EQ(log,
              "warning: lang fr_FR.UTF-8 (demo.ks:4): the image has no such locale; add "
              "glibc-langpack-fr to %packages");
    EXPECT_TRUE(runner.commands.empty());
}

TEST_F(LocaleTest, OfAnRpmTreeIsCompiledFromItsSource) {
    temp.put("/usr/lib/rpm/macros");
    temp.put("/usr/bin/localedef", "", true);
    temp.put("/usr/share/i18n/locales/de_DE@euro");
    ASSERT_TRUE(set({.locale = "de_DE.ISO-8859-15@euro"}));
    ASSERT_EQ(runner.commands.size(), 1u);
    EXPECT_EQ(runner.commands[0].argv,
              (std::vector<std::string>{"localedef", "-i", "de_DE@euro", "-f", "ISO-8859-15", "--",
                                        "de_DE.ISO-8859-15@euro"}));
}

TEST_F(LocaleTest, OfAnOldRpmTreeIsInSysconfigToo) {
    temp.put("/etc/sysconfig/clock");
    temp.put("/usr/lib/locale/locale-archive");
    ASSERT_TRUE(set({.locale = "en_US.UTF-8"}));
    EXPECT_EQ(temp.get("/etc/sysconfig/i18n"), "LANG=\"en_US.UTF-8\"\n");
    EXPECT_EQ(temp.get("/etc/locale.conf"), "LANG=en_US.UTF-8\n");
}

TEST_F(LocaleTest, RefusesWhatIsNoLocalesName) {
    EXPECT_EQ(set({.locale = "de_DE\nLD_PRELOAD=x"}).error().fault, Fault::invalid);
    for (const char* name : {"", "de DE", "$(reboot)", "\"; reboot", "--help", "../x"}) {
        EXPECT_EQ(set({.locale = name}).error().fault, Fault::invalid) << name;
    }
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
