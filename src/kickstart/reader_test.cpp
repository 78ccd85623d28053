#include "kickstart/reader.hpp"

#include "kickstart/bounds.hpp"
#include "tests/support/kickstart_text.hpp"

#include <gtest/gtest.h>

namespace img::kickstart {
namespace {

TEST(Reader, AsksForTheEndOfEverySection) {
    EXPECT_EQ(
        said("%packages\n%end\n%post\necho\n"),
        Said{"t.ks:3:1: refused: %post has no %end, as the file's other sections have; write it "
             "before the next section or the end of the file"});
    EXPECT_EQ(
        said("%packages\nvim\n\n%post\necho\n%end\n"),
        Said{"t.ks:1:1: refused: %packages has no %end, as the file's other sections have; write "
             "it before the next section or the end of the file"});
    EXPECT_EQ(said("%end\n"),
              Said{"t.ks:1:1: error: %end without a section before it; take it out"});
    EXPECT_EQ(said("%post\n%end now\n"),
              Said{"t.ks:2:6: warning: %end stands alone on its line; 'now' is not read"});
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
        parse_text("%post\n  if\n%foo\n%endless\n# %post\n\n  %end # done\n").document;
    ASSERT_EQ(document.scripts.size(), 1u);
    EXPECT_EQ(document.scripts[0].body, "  if\n%foo\n%endless\n# %post\n\n");
}

TEST(Reader, TakesAFileWithoutAnyEndForAnOldOne) {
    const auto text = "%packages\nvim\n%post\necho\nlang C\n";
    const auto document = parse_text(text).document;
    EXPECT_EQ(document.packages.names.size(), 1u);
    EXPECT_EQ(document.scripts.at(0).body, "echo\nlang C\n");
    const auto old =
        " has no %end, as before Fedora 8: it reaches to the next section or the end of the file";
    EXPECT_EQ(said(text), (Said{std::string("t.ks:1:1: warning: %packages") + old,
                                std::string("t.ks:3:1: warning: %post") + old}));
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

using Files = std::map<std::string, std::string>;

/// Parses "top.ks" of `files`, which include one another by name.
Parsed parse_files(const Files& files) {
    ParseOptions options{.file = "top.ks", .tokens = {{"PART", "packages"}}, .include = {}};
    options.include = [&](const std::string& name, const std::string&) -> Result<Included> {
        const auto file = files.find(name);
        if (file == files.end()) {
            return fail(Fault::missing, "there is no such file");
        }
        return Included{.file = name, .text = file->second};
    };
    return parse(files.at("top.ks"), options);
}

Said said_of(const Files& files) {
    Said out;
    for (const auto& diagnostic : parse_files(files).diagnostics) {
        if (diagnostic.where.line != 0) {
            out.push_back(to_text(diagnostic));
        }
    }
    return out;
}

TEST(Reader, PutsIncludedFilesInTheirPlace) {
    const Files files{
        {"top.ks", "lang C\n%include more.ks # a comment\n%packages\n%include @PART@\nvim\n%end\n"},
        {"more.ks", "timezone UTC\n%post\n%include body\n%end\n"},
        {"packages", "nano\n# no\n"},
        {"body", "echo @PART@\n"}};
    const auto parsed = parse_files(files);
    EXPECT_EQ(said_of(files), Said{});
    EXPECT_EQ(parsed.document.timezone->zone, "UTC");
    EXPECT_EQ(parsed.document.timezone->where.file, "more.ks");
    EXPECT_EQ(parsed.document.scripts.at(0).body, "echo packages\n");
    EXPECT_EQ(parsed.document.packages.names.size(), 2u);
    EXPECT_EQ(parsed.text,
              "lang C\ntimezone UTC\n%post\necho @PART@\n%end\n%packages\nnano\n# no\nvim\n%end\n");
    EXPECT_EQ(parse_files({{"top.ks", "lang C\n"}}).text, "");
}

TEST(Reader, TellsHowItCameToAFile) {
    EXPECT_EQ(said_of({{"top.ks", "\n%include a.ks\nprat\n"},
                       {"a.ks", "%ksappend b.ks\n"},
                       {"b.ks", "\n\nlang\n"}}),
              (Said{"b.ks:3:1: error: lang needs a locale, such as de_DE.UTF-8 (included in "
                    "a.ks:1, in top.ks:2)",
                    "top.ks:3:1: error: no command is called 'prat'; did you mean part?"}));
}

TEST(Reader, RefusesIncludesThatLeadNowhere) {
    EXPECT_EQ(said_of({{"top.ks", "%include gone.ks\n"}}),
              Said{"top.ks:1:10: refused: %include 'gone.ks': there is no such file"});
    EXPECT_EQ(said_of({{"top.ks", "%include\n"}}),
              Said{"top.ks:1:1: error: %include needs the name of a file"});
    EXPECT_EQ(said_of({{"top.ks", "%include a.ks\n"}, {"a.ks", "%include top.ks\n"}}),
              Said{"a.ks:1:10: error: %include 'top.ks': the file includes itself (included in "
                   "top.ks:1)"});
    EXPECT_EQ(said("%include base.ks\n"),
              Said{"t.ks:1:10: refused: %include 'base.ks': files are not looked for here; img "
                   "submit puts them in place before it sends a kickstart"});
}

TEST(Reader, KeepsAnIncludeThatLeadsNowhere) {
    const std::string text =
        "%include gone.ks\n\n%packages\nvim\n%include more\n%end\n\n%post\n%include body\n%end\n";
    EXPECT_EQ(print(parse_text(text).document), text);
    EXPECT_EQ(said("%include 'x\n"),
              Said{"t.ks:1:10: error: the quote ' is not closed on this line"});
}

TEST(Reader, BoundsIncludes) {
    Files deep{{"top.ks", "%include 0\n"}};
    for (std::size_t i = 0; i <= kIncludeDepthMax; ++i) {
        deep.emplace(std::to_string(i), "%include " + std::to_string(i + 1) + "\n");
    }
    ASSERT_EQ(said_of(deep).size(), 1u);
    EXPECT_TRUE(said_of(deep)[0].contains("at most 16 deep")) << said_of(deep)[0];
    // Sixteen files that each name the next one twice would be 65 536 without a bound.
    Files wide;
    for (int i = 0; i < 16; ++i) {
        const std::string next = std::to_string(i + 1);
        wide.emplace(i == 0 ? "top.ks" : std::to_string(i),
                     "%include " + next + "\n%include " + next + "\n");
    }
    wide.emplace("16", "");
    EXPECT_TRUE(parse_files(wide).is_refused());
    const Files large{{"top.ks", "%include a\n%include a\n"},
                      {"a", std::string(kTextBytesMax / 2 + 1, '#')}};
    EXPECT_EQ(said_of(large).back(),
              "top.ks:2:10: refused: %include 'a': the included files have more than 16 MiB in "
              "all");
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
        EXPECT_TRUE(parsed.diagnostics.at(0).where.line == 1 && parsed.is_refused()) << text;
        EXPECT_EQ(parsed.document.root_password, std::nullopt) << text;
    }
}

TEST(Reader, BoundsLinesAndTokens) {
    EXPECT_EQ(said("lang " + std::string(kLineBytesMax, 'x') + "\n"),
              Said{"t.ks:1:1: refused: a line of 65541 bytes; at most 65536 are read"});
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
    EXPECT_EQ(said(text),
              Said{"t.ks:3073:1: refused: more than 1024 sections of this kind; leave some out"});
}

}  // namespace
}  // namespace img::kickstart
