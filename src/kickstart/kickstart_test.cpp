#include "kickstart/kickstart.hpp"

#include "kickstart/bounds.hpp"
#include "syntax/reporter.hpp"
#include "tests/support/kickstart_text.hpp"

#include <gtest/gtest.h>

namespace img::kickstart {
namespace {

using syntax::kDiagnosticsMax;

std::string only_sentence(std::string_view text) {
    const auto parsed = parse_text(text);
    EXPECT_TRUE(parsed.is_refused());
    EXPECT_EQ(parsed.diagnostics.size(), 1u);
    return to_text(parsed.diagnostics.at(0));
}

TEST(Kickstart, RefusesWhatIsNoTextByOneSentence) {
    using std::string_view_literals::operator""sv;
    const auto empty =
        "t.ks: error: the file is empty; a kickstart needs at least url "
        "--url=@DEBIAN_MIRROR@ --suite=bookworm --components=main";
    EXPECT_EQ(only_sentence(""), empty);
    EXPECT_EQ(only_sentence(" \n\t\r\n"), empty);
    const auto binary = "t.ks: error: the file is binary; a kickstart is text";
    EXPECT_EQ(only_sentence("lang C\n\0"sv), binary);
    EXPECT_EQ(only_sentence("\x7f"
                            "ELF\x02\x01\x01\x03\x04\x05"),
              binary);
    EXPECT_EQ(only_sentence(std::string(kTextBytesMax + 1, '#')),
              "t.ks: error: the file has 16777217 bytes; a kickstart has at most 16 MiB");
}

TEST(Kickstart, TellsErrorsFromTheRest) {
    const auto good = "part / --size=1\nrepo --name=a --baseurl=http://h/\ntext\n";
    EXPECT_FALSE(parse_text(good).is_refused());
    EXPECT_FALSE(parse_text(good).diagnostics.empty());
    EXPECT_TRUE(parse_text("part --foo\n").has_errors());
    const auto refused = parse_text("part /\n");  // good kickstart, and nothing to build
    EXPECT_FALSE(refused.has_errors());
    EXPECT_TRUE(refused.is_refused());
}

TEST(Kickstart, ReplacesTokensOfATextThatIsHandedOn) {
    EXPECT_EQ(replace_tokens("a @X@\n%post\n@Y@ @X@@X@\n", {{"X", "1"}}).value(),
              "a 1\n%post\n@Y@ 11\n");
    EXPECT_EQ(replace_tokens("", {{"X", "1"}}).value(), "");
    EXPECT_FALSE(replace_tokens("@X@@X@", {{"X", std::string(kTextBytesMax / 2 + 1, 'x')}}));
}

TEST(Kickstart, ReportsEveryErrorOfATextAtOnce) {
    EXPECT_EQ(said("prat / --size=1\nlang x\nrootpw\n%post --foo\n%end\nuser\n").size(), 5u);
}

TEST(Kickstart, UnderstandsWhatItCanBesideErrors) {
    const auto document = parse_text("lang x\npart / --size=1 --foo\nrootpw a\n").document;
    EXPECT_EQ(document.partitions.size(), 1u);
    EXPECT_EQ(document.root_password->password.text, "a");
}

// The bounds of bounds.hpp hold whatever fills the text. Were a step more than linear, this test
// would not end: the sanitizers are on.
TEST(Kickstart, ReadsAMegabyteOfAnything) {
    for (const std::string_view line :
         {"x\n", "\n", "part / --size=1\n", "part /a --size=z --gorw\n", "text\n", "'\n", "@A@ ",
          "user --name=a\n", "services --enabled=a,b\n", "%post\n%end\n", "%packages\na\n%end\n",
          "%packages\n-a\na\n", "repo --name=a\n", "# comment\n", "%post\n", "a\\ ", "@"}) {
        std::string text;
        while (text.size() < 1'000'000) {
            text += line;
        }
        const auto parsed = parse_text(text);
        EXPECT_LE(parsed.diagnostics.size(), kDiagnosticsMax + 1) << line;
        EXPECT_LE(print(parsed.document).size(), text.size() + 100'000) << line;
    }
}

}  // namespace
}  // namespace img::kickstart
