#include "syntax/option_table.hpp"

#include "syntax/values.hpp"

#include <gtest/gtest.h>

namespace img::syntax {
namespace {

struct Thing {
    std::string name;
    std::vector<std::string> list;
    bool loud = false;
};

const OptionTable<Thing>& table() {
    static const OptionTable<Thing> options{
        takes<&Thing::name, parse_user_name>("--name=NAME"),
        takes_list<&Thing::list, parse_user_name>("--list=[NAME,…]"),
        flag<&Thing::loud>("--loud"),
        ignored("--old=TEXT", "it is old"),
        ignored("--count=N", "nobody counts"),
        ignored("--kind={this,that}", "they are one kind"),
        dropped("--safe", "it is not safe"),
        refused("--never", "it never was"),
    };
    return options;
}

struct Outcome {
    Thing thing;
    std::vector<std::string> positionals;
    std::vector<std::string> said;
};

Outcome read(std::string_view text) {
    CommandLine line{.file = "t", .number = 1, .words = {}};
    line.words = lex({.text = std::string(text), .columns = {}}).value().words;
    Reporter report;
    Outcome outcome;
    for (const Word* word : table().read(line, outcome.thing, report).positionals) {
        outcome.positionals.push_back(word->text);
    }
    for (const auto& diagnostic : report.take()) {
        outcome.said.push_back(to_text(diagnostic));
    }
    return outcome;
}

using Said = std::vector<std::string>;

TEST(OptionTable, TakesAValueAfterAnEqualsSignOrABlank) {
    EXPECT_EQ(read("do --name=joe").thing.name, "joe");
    EXPECT_EQ(read("do --name joe x").thing.name, "joe");
    EXPECT_EQ(read("do --name joe x").positionals, Said{"x"});
    EXPECT_EQ(read("do --name=joe x").said, Said{});
}

TEST(OptionTable, SplitsListsAtCommas) {
    EXPECT_EQ(read("do --list=a,b").thing.list, (Said{"a", "b"}));
    EXPECT_EQ(read("do --list 'a , b,,'").thing.list, (Said{"a", "b"}));
    EXPECT_EQ(read("do --list=").thing.list, Said{});
    EXPECT_EQ(read("do --list=a --list=b").thing.list, (Said{"a", "b"}));
    EXPECT_EQ(read("do --list=a --list=b").said, Said{});
}

TEST(OptionTable, PointsAtTheValueThatDoesNotFit) {
    const auto why = " is not a user name: a-z, 0-9, _ and -, at most 32, a letter or _ first";
    EXPECT_EQ(read("do --name=Joe").said,
              Said{std::string("t:1:11: refused: do --name: 'Joe'") + why});
    EXPECT_EQ(read("do --name  Joe").said,
              Said{std::string("t:1:12: refused: do --name: 'Joe'") + why});
    EXPECT_EQ(read("do --list=a,B").said,
              Said{std::string("t:1:13: refused: do --list: 'B'") + why});
}

TEST(OptionTable, NamesTheNearestOption) {
    EXPECT_EQ(read("do --nmae=x").said,
              Said{"t:1:4: error: do has no option '--nmae'; did you mean --name?"});
    EXPECT_EQ(read("do -x").said, Said{"t:1:4: error: do has no option '-x'"});
}

TEST(OptionTable, AsksForValuesThatAreNotThere) {
    for (const std::string_view text : {"do --name", "do --name --loud"}) {
        const auto outcome = read(text);
        EXPECT_EQ(outcome.said, Said{"t:1:4: error: do --name needs a value: --name=NAME"}) << text;
    }
    EXPECT_EQ(read("do --name=").said,
              Said{"t:1:4: refused: do --name has an empty value: --name=NAME"});
    EXPECT_TRUE(read("do --name --loud").thing.loud);
    EXPECT_EQ(read("do --loud=yes").said, Said{"t:1:10: error: do --loud takes no value"});
}

TEST(OptionTable, WarnsOfRepetitions) {
    const auto outcome = read("do --name=a --name=b");
    EXPECT_EQ(outcome.thing.name, "b");
    EXPECT_EQ(outcome.said,
              Said{"t:1:13: warning: do --name is given twice; the later one counts"});
}

TEST(OptionTable, SaysWhatComesOfOptionsThatDoNotAct) {
    EXPECT_EQ(read("do --old=1 --safe --never").said,
              (Said{"t:1:4: note: do --old has no effect on an image: it is old",
                    "t:1:12: warning: do --safe is left out: it is not safe",
                    "t:1:19: refused: do --never is not possible: it never was"}));
}

TEST(OptionTable, HoldsValuesAgainstTheRulesOfTheLanguage) {
    const Said inert{"t:1:4: note: do --count has no effect on an image: nobody counts"};
    EXPECT_EQ(read("do --count=-5").said, inert);
    EXPECT_EQ(read("do --count=5x").said,
              (Said{inert[0], "t:1:12: error: do --count: '5x' is not a whole number"}));
    EXPECT_EQ(read("do --count=").said,
              (Said{inert[0], "t:1:12: error: do --count: '' is not a whole number"}));
    EXPECT_EQ(read("do --kind=That").said.size(), 1u);
    EXPECT_EQ(read("do --kind=other").said.back(),
              "t:1:11: error: do --kind: 'other' is none of this, that");
}

TEST(OptionTable, TakesTheBeginningOfANameThatFitsNoOther) {
    const auto outcome = read("do --na=joe");
    EXPECT_EQ(outcome.thing.name, "joe");
    EXPECT_EQ(outcome.said, Said{"t:1:4: warning: do --na is short for --name; write it out"});
    EXPECT_EQ(read("do --l").said,
              Said{"t:1:4: refused: do --l is short for more than one option: --list, --loud"});
}

TEST(OptionTable, TakesADashAndAnEmptyWordForWords) {
    EXPECT_EQ(read("do - ''").positionals, (Said{"-", ""}));
}

TEST(OptionTable, TakesEverythingBehindTwoDashesForWords) {
    const auto outcome = read("do --loud -- --name -- x");
    EXPECT_EQ(outcome.positionals, (Said{"--name", "--", "x"}));
    EXPECT_TRUE(outcome.thing.loud);
}

}  // namespace
}  // namespace img::syntax
