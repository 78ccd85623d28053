#include "base/text.hpp"

#include <array>
#include <gtest/gtest.h>

namespace img {
namespace {

const std::array<std::string, 4> kVerbs{"build", "check", "submit", "status"};

TEST(Text, TrimsBlanksAtBothEnds) {
    EXPECT_EQ(trim(" \t a b \r\n"), "a b");
    EXPECT_EQ(trim(" \t "), "");
}

TEST(Text, SplitsAndLeavesEmptyPiecesOut) {
    EXPECT_EQ(split("a,,b c", ", "), (std::vector<std::string>{"a", "b", "c"}));
    EXPECT_TRUE(split("", ",").empty());
}

TEST(Text, FindsTheWordThatWasMeant) {
    EXPECT_EQ(nearest("biuld", kVerbs), "build");
    EXPECT_EQ(nearest("submt", kVerbs), "submit");
    EXPECT_EQ(nearest("frobnicate", kVerbs), "");
    EXPECT_EQ(nearest("", kVerbs), "");
}

TEST(Text, QuotesTheLastLinesOfATool) {
    EXPECT_EQ(last_lines("one\ntwo\nthree\n", 2), "two\nthree");
    EXPECT_EQ(last_lines("one\n", 5), "one");
    EXPECT_EQ(last_lines("", 5), "");
}

TEST(Text, ShowsControlBytesAsNumbers) {
    EXPECT_EQ(printable("a\x1b[2J\n"), "a\\x1b[2J\\x0a");
    EXPECT_EQ(printable("grün"), "grün");
}

}  // namespace
}  // namespace img
