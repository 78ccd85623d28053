#include "tree/plain_text.hpp"

#include <gtest/gtest.h>

namespace img::tree {
namespace {

TEST(PlainText, IsLettersDigitsAndWhatIsSaid) {
    EXPECT_TRUE(is_plain("eth0.10", "."));
    EXPECT_TRUE(is_plain("", ""));
    EXPECT_FALSE(is_plain("eth0.10", ""));
    for (const char* text : {"a b", "a\nb", "a\"", "a'", "a;", "ä", "$(x)", "a\\"}) {
        EXPECT_FALSE(is_plain(text, "_.-")) << text;
    }
}

TEST(PlainText, StaysWithinItsLineWithoutControlBytes) {
    EXPECT_TRUE(is_one_line("Käse; 'x' \"y\" $z"));
    for (const char* text : {"a\nb", "a\rb", "a\x1b[2J", "a\x7f"}) {
        EXPECT_FALSE(is_one_line(text));
    }
}

TEST(ShellQuoted, LeavesNothingToTheShell) {
    EXPECT_EQ(shell_quoted("/usr/bin/mutter"), "/usr/bin/mutter");
    EXPECT_EQ(shell_quoted("a b"), "'a b'");
    EXPECT_EQ(shell_quoted("$(reboot)`x`\"\\"), "'$(reboot)`x`\"\\'");
    EXPECT_EQ(shell_quoted("it's"), "'it'\\''s'");
}

}  // namespace
}  // namespace img::tree
