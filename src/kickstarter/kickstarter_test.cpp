#include "kickstarter/kickstarter.hpp"

#include "tests/support/temp_folder.hpp"

#include <fmt/format.h>
#include <gtest/gtest.h>

namespace img::kickstarter {
namespace {

namespace fs = std::filesystem;
using Said = std::vector<std::string>;

constexpr const char* kDefault =
    "Default:\n"
    "    Language: en_US.UTF-8\n"
    "    Keyboard: us\n"
    "    Timezone: UTC\n"
    "    RootPass: root\n"
    "    DefaultUser: me\n"
    "    DefaultUserPass: secret\n"
    "    SaveRepos: False\n"
    "    PartSize: 900\n"
    "    BootloaderTimeout: 1\n"
    "    BootloaderAppend: quiet\n"
    "    Repos: [core]\n";
constexpr const char* kRepos =
    "Repositories:\n"
    "    - Name: core\n"
    "      Url: http://x/@RELEASE@/@ARCH@/@BUILD_ID@/@DIST@/\n";

class KickstarterTest : public ::testing::Test {
protected:
    /// Of configurations that begin with kDefault, which has 12 lines.
    Generated run(const std::string& rest) {
        folder_.write("configurations.yaml", kDefault + rest);
        folder_.write("repos.yaml", repos);
        auto sources = read_sources(folder_.path() / "configurations.yaml",
                                    folder_.path() / "repos.yaml", std::nullopt)
                           .value();
        sources.configurations_file = "c.yaml";
        sources.repositories_file = "r.yaml";
        sources.build_id = build_id;
        return generate(sources);
    }
    Said said(const std::string& rest) {
        Said out;
        for (const auto& diagnostic : run(rest).diagnostics) {
            out.push_back(to_text(diagnostic));
        }
        return out;
    }
    /// Of one configuration on the platform that has these keys.
    std::string text_of(const std::string& layer) {
        const auto generated =
            run("P:\n" + layer + "Configurations:\n- {Name: n, FileName: f, Platform: P}\n");
        EXPECT_EQ(generated.kickstarts.size(), 1U);
        return generated.kickstarts.empty() ? "" : generated.kickstarts[0].text;
    }
    void expect_line(const std::string& layer, const std::string& line) {
        const auto all = text_of(layer);
        EXPECT_NE(("\n" + all).find("\n" + line + "\n"), std::string::npos) << line << "\nin\n"
                                                                            << all;
    }

    testing::TempFolder folder_;
    std::string repos = kRepos;
    std::string build_id;
};

TEST_F(KickstarterTest, WritesTheLaterKeys) {
    expect_line("    FileSystem: ext4\n", "part / --size 900 --ondisk sda --fstype=ext4");
    expect_line("    BootloaderOptions: --ptable=gpt\n",
                "bootloader --timeout=1 --append=\"quiet\" --ptable=gpt");
    expect_line("    Desktop: None\n    Session: /usr/bin/wm\n",
                "desktop --autologinuser=me  --session=\"/usr/bin/wm\"");
    expect_line("    Desktop: duihome\n    Session: wm\n",
                "desktop --autologinuser=me  --defaultdesktop=duihome --session=\"wm\"");
    expect_line("    PackageArgs: \"\"\n", "%packages");
    expect_line("    PackageArgs:\n", "%packages ");
    expect_line("    PrePackages: [eglibc]\n", "%end\n\n%prepackages\neglibc\n%end\n\n%post");
    expect_line("    DefaultUserPass: \"\"\n",
                "user --name me  --groups audio,video --password '' ");
    const auto all = text_of(
        "    Mic2Options: -f loop --pack-to=@NAME@.tar\n    StartX: False\n"
        "    Bootloader: False\n    Schedule: \"*\"\n");
    EXPECT_TRUE(
        all.starts_with("# -*-mic2-options-*- -f loop --pack-to=@NAME@.tar "
                        "-*-mic2-options-*-\n\n# \n"))
        << all;
    for (const auto* absent : {"xconfig", "bootloader", "desktop"}) {
        EXPECT_EQ(all.find(std::string("\n") + absent), std::string::npos) << absent;
    }
}

TEST_F(KickstarterTest, FillsInThePlaceholdersThatHaveAValue) {
    expect_line("", "repo   --name=core --baseurl=http://x/@RELEASE@/@ARCH@/@BUILD_ID@/@DIST@/ ");
    build_id = "b7";
    expect_line("    Baseline: 1.0\n    Architecture: armv7l\n    Distribution: d\n",
                "repo   --name=core --baseurl=http://x/1.0/armv7l/b7/d/ ");
    repos += "      Options: --debuginfo\n";
    expect_line(
        "    SaveRepos: True\n    Baseline: 1.0\n    Architecture: a\n    Distribution: d\n",
        "repo   --name=core --baseurl=http://x/1.0/a/b7/d/ --debuginfo");
}

TEST_F(KickstarterTest, QuotesWordsThatWouldFallApart) {
    expect_line("    RootPass: a b#c\n", "rootpw 'a b#c' ");
    expect_line("    RootPass: --iscrypted $6$x\n", "rootpw --iscrypted $6$x ");
    expect_line("    BootloaderAppend: a=\"b\" c\\d\n",
                "bootloader --timeout=1 --append=\"a=\\\"b\\\" c\\\\d\"");
}

TEST_F(KickstarterTest, LeavesOutWhatIsNotActiveAndSaysSo) {
    const auto generated =
        run("P:\nConfigurations:\n- {Name: one, FileName: a, Platform: P, Active: False}\n"
            "- {Name: two, FileName: b, Platform: P}\n- {Name: three, FileName: , Platform: P}\n");
    ASSERT_EQ(generated.kickstarts.size(), 1U);
    EXPECT_EQ(generated.kickstarts[0].name, "two");
    EXPECT_EQ(generated.kickstarts[0].platform, "P");
    EXPECT_FALSE(generated.has_errors());
    ASSERT_GE(generated.diagnostics.size(), 2U);
    EXPECT_EQ(to_text(generated.diagnostics[0]),
              "c.yaml:15:3: note: one is left out: Active is False");
    EXPECT_EQ(to_text(generated.diagnostics[1]),
              "c.yaml:17:3: note: three is left out: its FileName is empty");
}

TEST_F(KickstarterTest, SaysEverythingThatIsWrongAtOnce) {
    EXPECT_EQ(
        said("BOARD:\n"
             "    Repos: [croe]\n"
             "    PostScripts: [keys]\n"
             "    Kernel: \"%end\"\n"
             "Configurations:\n"
             "- {Name: a, FileName: ../a, Platform: BOARD, Language: }\n"
             "- {Name: b, FileName: b, Platform: BOAD}\n"
             "- {Name: c, Platform: BOARD}\n"
             "- {Name: d, FileName: d, Platform: BOARD, Part: two, ExtraPackages: [--x]}\n"
             "- {Name: e, FileName: d, Platform: BOARD, PartSize: }\n"
             "- word\n"),
        (Said{"c.yaml:14:13: error: no repository is called 'croe' in r.yaml; did you mean "
              "core?",
              "c.yaml:15:19: error: there is no script scripts/keys.post in the custom folder",
              "c.yaml:16:13: error: '%end' is not a package name: letters, digits and + . _ : "
              "~ -, with * and ? as globs, at most 128, a letter or digit first",
              "c.yaml:18:3: error: a has no Language; say it here, in BOARD or in Default",
              "c.yaml:18:23: error: FileName '../a' cannot name a file: it is one name, "
              "without a path",
              "c.yaml:19:36: error: no platform is called 'BOAD'; did you mean BOARD?",
              "c.yaml:20:3: error: this configuration has no FileName",
              "c.yaml:21:49: error: there is no partition file part/two in the custom folder",
              "c.yaml:21:70: error: '-x' is not a package name: letters, digits and + . _ : "
              "~ -, with * and ? as globs, at most 128, a letter or digit first",
              "c.yaml:22:3: error: e has no PartSize; say it here, in BOARD or in Default",
              "c.yaml:22:23: error: FileName 'd' is that of the configuration in c.yaml:21 "
              "too",
              "c.yaml:23:3: error: a configuration is a map with Name, FileName and "
              "Platform"}));
}

TEST_F(KickstarterTest, NeedsItsThreeTopLevelParts) {
    folder_.write("configurations.yaml", "Defaults:\n- 1\nBOARD: {}\n");
    folder_.write("repos.yaml", repos);
    auto sources = read_sources_in(folder_.path(), "configurations.yaml").value();
    Said out;
    for (const auto& diagnostic : generate(sources).diagnostics) {
        out.push_back(to_text(diagnostic));
    }
    EXPECT_EQ(out,
              (Said{"configurations.yaml:1:1: error: Default is missing: a map with what all "
                    "configurations share",
                    "configurations.yaml:1:1: error: Configurations is missing: a list of maps "
                    "with Name, FileName and Platform",
                    "configurations.yaml:1:1: warning: 'Defaults' is no platform, which would "
                    "be a map; did you mean Default?"}));
}

TEST_F(KickstarterTest, ReadsFurtherConfigurationsFromFoldersOfItsOwn) {
    folder_.write("m/b.yaml", "Name: second\nFileName: b\nPlatform: P\n");
    folder_.write("m/a.yaml", "Name: first\nFileName: a\nPlatform: P\n");
    folder_.write("m/notes.txt", "no YAML");
    const auto generated = run("P:\nExternalConfigs: [m]\n");
    ASSERT_EQ(generated.kickstarts.size(), 2U);
    EXPECT_EQ(generated.kickstarts[0].name + generated.kickstarts[1].name, "firstsecond");
}

TEST_F(KickstarterTest, ReadsNoConfigurationsFromElsewhere) {
    const testing::TempFolder other;
    other.write("a.yaml", "Name: first\nFileName: a\nPlatform: P\n");
    fs::create_directory_symlink(other.path(), folder_.path() / "link");
    for (const auto& place :
         {other.path().string(), std::string("link"), std::string(".."), std::string("none")}) {
        const auto generated = run("P:\nExternalConfigs: [" + place + "]\n");
        EXPECT_TRUE(generated.kickstarts.empty()) << place;
        ASSERT_EQ(generated.diagnostics.size(), 1U) << place;
        EXPECT_EQ(generated.diagnostics[0].where.line, 14U);
    }
}

TEST_F(KickstarterTest, PassesOnWhatTheLanguageSays) {
    const auto all =
        said("P:\nConfigurations:\n- {Name: n, FileName: f, Platform: P, Language: '?'}\n");
    ASSERT_FALSE(all.empty());
    EXPECT_TRUE(all[0].starts_with("f.ks:6:6: refused: ")) << all[0];
}

TEST_F(KickstarterTest, StripsTheSignOfAGroupAndSaysSo) {
    expect_line("    Groups: [\"@Core\"]\n", "@Core");
    const auto all =
        said("P: {Groups: [\"@Core\"]}\nConfigurations:\n- {Name: n, FileName: f, Platform: P}\n");
    EXPECT_EQ(all.at(0), "c.yaml:13:14: warning: Groups: '@Core' is written without its @");
}

TEST_F(KickstarterTest, TellsAMissingFileFromAWrongOne) {
    const auto missing = read_sources(folder_.path() / "none", folder_.path() / "none", {});
    EXPECT_EQ(missing.error().fault, Fault::missing);
    EXPECT_EQ(missing.error().message,
              "there is no file '" + (folder_.path() / "none").string() + "'");
}

TEST_F(KickstarterTest, MakesNoMoreThanItMay) {
    std::string many = "P:\nConfigurations:\n";
    for (int i = 0; i < 1001; ++i) {
        many += fmt::format("- {{Name: n, FileName: f{}, Platform: P}}\n", i);
    }
    const auto generated = run(many);
    EXPECT_EQ(generated.kickstarts.size(), 1000U);
    EXPECT_EQ(to_text(generated.diagnostics.at(0)),
              "c.yaml:1015:3: error: more than 1000 configurations");
}

}  // namespace
}  // namespace img::kickstarter
