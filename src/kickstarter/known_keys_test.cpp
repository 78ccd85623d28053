#include "kickstarter/known_keys.hpp"

#include "kickstarter/yaml_reader.hpp"

#include <gtest/gtest.h>

namespace img::kickstarter {
namespace {

std::vector<std::string> said_of(const std::string& yaml) {
    syntax::Reporter report;
    check_keys(*read_yaml(yaml, "a.yaml", report), configuration_keys(), report);
    std::vector<std::string> said;
    for (const auto& diagnostic : report.take()) {
        said.push_back(to_text(diagnostic));
    }
    return said;
}

using Said = std::vector<std::string>;

TEST(KnownKeys, TakeWhatEachOfThemHolds) {
    EXPECT_EQ(said_of("PartSize: 1200\nSaveRepos: no\nLanguage: no\nDesktop:\nRepos:\n"
                      "Groups:\n- Core\n- X: y\n")
                  .size(),
              1U);
    EXPECT_EQ(said_of("PartSize: 1200\nSaveRepos: Off\nActive: 'True'\nBaseline: 1.0\nRepos: []\n"
                      "Schedule: '*'\n"),
              Said{});
}

TEST(KnownKeys, SayWhatEachOfThemCannotHold) {
    EXPECT_EQ(said_of("PartSize: 1 GB\n"),
              Said{"a.yaml:1:11: error: PartSize is a whole number, not '1 GB'"});
    EXPECT_EQ(said_of("SaveRepos: maybe\n"),
              Said{"a.yaml:1:12: error: SaveRepos is True or False, not 'maybe'"});
    EXPECT_EQ(said_of("Repos: core\n"),
              Said{"a.yaml:1:8: error: Repos is a list: write each on a line of its own, behind "
                   "\"- \""});
    EXPECT_EQ(said_of("Groups:\n- Core\n- {x: y}\n"),
              Said{"a.yaml:3:3: error: Groups is a list of words, and this is none"});
    EXPECT_EQ(said_of("Language:\n- en\n"),
              Said{"a.yaml:2:1: error: Language is one word, not a list"});
}

TEST(KnownKeys, LetNoLineEndIntoAKickstart) {
    const auto why = " holds a control character or a line end; it is one line of a kickstart";
    EXPECT_EQ(said_of("RootPass: \"x\\n%post\"\n"),
              Said{"a.yaml:1:11: error: RootPass" + (why + Said::value_type())});
    EXPECT_EQ(said_of("Timezone: |\n    UTC\n    reboot\n"),
              Said{"a.yaml:1:11: error: Timezone" + (why + Said::value_type())});
    EXPECT_EQ(said_of("ExtraPackages:\n- \"vim\\r%end\"\n"),
              Said{"a.yaml:2:3: error: ExtraPackages" + (why + Said::value_type())});
}

TEST(KnownKeys, WarnOfStrangersWithTheNearest) {
    EXPECT_EQ(said_of("Langauge: en\nREPOS:\n- a\nColour: red\n"),
              (Said{"a.yaml:1:1: warning: no key is called 'Langauge'; it is passed over; did you "
                    "mean Language?",
                    "a.yaml:2:1: warning: no key is called 'REPOS'; it is passed over; did you "
                    "mean Repos?",
                    "a.yaml:4:1: warning: no key is called 'Colour'; it is passed over"}));
}

}  // namespace
}  // namespace img::kickstarter
