#include "base/text.hpp"

#include <gtest/gtest.h>

namespace img {
namespace {

TEST(Text, TrimsBlanksAtBothEnds) {
    EXPECT_EQ(trim(" \t a b \r\n"), "a b");
    EXPECT_EQ(trim(" \t "), "");
}

TEST(Text, SplitsAndLeavesEmptyPiecesOut) {
    EXPECT_EQ(split("a,,b c", ", "), (std::vector<std::string>{"a", "b", "c"}));
    EXPECT_TRUE(split("", ",").empty());
}

}  // namespace
}  // namespace img
