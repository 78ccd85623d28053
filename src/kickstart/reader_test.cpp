#include "kickstart/reader.hpp"

#include "kickstart/bounds.hpp"
#include "tests/support/kickstart_text.hpp"

#include <gtest/gtest.h>

namespace img::kickstart {
namespace {

TEST(Reader, AsksForTheEndOfEverySection) {
    EXPECT_EQ(said("%post\necho\n"),
              Said{"t.ks:1:1: error: %post has no %end; write it on a line of its own"});
    EXPECT_EQ(said("%packages\nvim\n\n%post\necho\n%end\n"),
              Said{"t.ks:1:1: error: %packages has no %end; write it on a line of its own"});
    EXPECT_EQ(said("%end\n"),
              Said{"t.ks:1:1: error: %end without a section before it; take it out"});
    EXPECT_EQ(said("%post\n%end now\n"),
              Said{"t.ks:2:6: error: %end stands alone on its line, without 'now'"});
}

TEST(Reader, ReadsTheSectionAfterOneWithoutAnEnd) {
    const auto document = parse_text("%packages\nvim\n%post\necho\n%end\nlang C\n").document;
    ASSERT_EQ(document.packages.names.size(), 1u);
    ASSERT_EQ(document.scripts.size(), 1u);
    EXPECT_EQ(document.scripts[0].body, "echo\n");
    EXPECT_EQ(document.lang->locale, "C");
}

TEST(Reader, LeavesLinesOfScriptsAlone) {
    const auto document =
        parse_text("%post\n %end\n%foo\n%endless\n# %post\n\n%end # done\n").document;
    ASSERT_EQ(document.scripts.size(), 1u);
    EXPECT_EQ(document.scripts[0].body, " %end\n%foo\n%endless\n# %post\n\n");
}

TEST(Reader, EndsPackagesAtAnIndentedEnd) {
    EXPECT_EQ(said("%packages\n  vim\n  %end\nlang C\n"), Said{});
}

TEST(Reader, OpensASectionWhoseHeaderCannotBeRead) {
    EXPECT_EQ(said("%post --log='x\necho 'y\n%end\nlang C\n"),
              Said{"t.ks:1:13: error: the quote ' is not closed on this line"});
}

TEST(Reader, ReadsOverTheBodyOfASectionThatIsNotKnown) {
    EXPECT_EQ(said("%frobnicate\nprat 'x\n%end\nlang C\n"),
              Said{"t.ks:1:1: error: no section is called '%frobnicate'"});
}

TEST(Reader, SaysThatIncludesAreNotThereYet) {
    const auto sentence =
        ":1: error: %include is not supported in this version; paste the text of "
        "the file in its place";
    EXPECT_EQ(said("%include base.ks\n"), Said{std::string("t.ks:1") + sentence});
    EXPECT_EQ(said("%packages\n%include more\n%end\n"), Said{std::string("t.ks:2") + sentence});
    EXPECT_EQ(said("%post\n%include more\n%end\n"), Said{std::string("t.ks:2") + sentence});
}

TEST(Reader, TakesLineEndsAndMarksOfOtherSystems) {
    const auto parsed = parse_text("\xef\xbb\xbflang C\r\n%packages\r\nvim\r\n%end\r\n");
    EXPECT_EQ(parsed.document.lang->locale, "C");
    EXPECT_EQ(parsed.document.packages.names.at(0).text, "vim");
    EXPECT_EQ(parse_text("lang C").document.lang->locale, "C") << "no line end at all";
}

TEST(Reader, PointsIntoTheLineAsItWasWritten) {
    EXPECT_EQ(said("part /@A@ --size=x\n", {{"A", "a-long-name"}}),
              Said{"t.ks:1:18: error: part --size: 'x' is not a whole number"});
    EXPECT_EQ(said("\n\n  part / --size='1 x'\n"),
              Said{"t.ks:3:18: error: part --size: '1 x' is not a whole number"});
}

TEST(Reader, LetsATokenBringNoSecondLine) {
    for (const std::string_view text : {"lang @A@\n", "lang '@A@'\n"}) {
        const auto parsed = parse_text(text, {{"A", "C\nrootpw x"}});
        EXPECT_TRUE(parsed.diagnostics.at(0).where.line == 1 && parsed.has_errors()) << text;
        EXPECT_EQ(parsed.document.root_password, std::nullopt) << text;
    }
}

TEST(Reader, BoundsLinesAndTokens) {
    EXPECT_EQ(said("lang " + std::string(kLineBytesMax, 'x') + "\n"),
              Said{"t.ks:1:1: error: a line of 65541 bytes; at most 65536 are read"});
    const std::map<std::string, std::string> tokens{{"L", std::string(9u << 20, 'x')}};
    const auto parsed = parse_text("%post\n@L@\n@L@\n%end\n", tokens);
    EXPECT_LE(parsed.document.scripts.at(0).body.size(), kTextBytesMax + 2);
    EXPECT_EQ(said("%post\n@L@\n@L@\n%end\n", tokens),
              Said{"t.ks:3:1: error: with its tokens replaced the text is larger than 16 MiB; "
                   "shorten their values"});
}

TEST(Reader, BoundsScripts) {
    std::string text;
    for (std::size_t i = 0; i <= kScriptsMax; ++i) {
        text += "%post\n:\n%end\n";
    }
    EXPECT_EQ(parse_text(text).document.scripts.size(), kScriptsMax);
    EXPECT_EQ(said(text), Said{"t.ks:3073:1: error: more than 1024 scripts; leave some out"});
}

}  // namespace
}  // namespace img::kickstart
