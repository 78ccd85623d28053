#include "syntax/tokens.hpp"

#include <gtest/gtest.h>

namespace img::syntax {
namespace {

constexpr std::size_t kPlenty = 1000;
const Tokens kTokens{{"ARCH", "amd64"}, {"NONE", ""}, {"SELF", "@ARCH@"}};

TEST(Tokens, ReplacesEachOneAndKeepsItsColumn) {
    const auto line = expand("a@ARCH@b@NONE@c", kTokens, kPlenty);
    EXPECT_EQ(line.text, "aamd64bc");
    EXPECT_EQ(line.column(0), 1u);
    EXPECT_EQ(line.column(1), 2u) << "the value has the column of its token";
    EXPECT_EQ(line.column(5), 2u);
    EXPECT_EQ(line.column(6), 8u);
    EXPECT_EQ(line.column(7), 15u);
    EXPECT_EQ(line.column(8), 16u) << "the end of the line";
}

TEST(Tokens, LeavesOtherLinesAsTheyAre) {
    EXPECT_EQ(expand("user@host @", kTokens, kPlenty).text, "user@host @");
    EXPECT_EQ(expand("@ARCH @@ @OTHER@", kTokens, kPlenty).text, "@ARCH @@ @OTHER@");
    EXPECT_EQ(expand("x@y", kTokens, kPlenty).column(2), 3u);
}

TEST(Tokens, FindsATokenAfterAnAtSignOfAnotherKind) {
    EXPECT_EQ(expand("me@x@ARCH@", kTokens, kPlenty).text, "me@xamd64");
}

TEST(Tokens, DoesNotLookThroughValuesAgain) {
    EXPECT_EQ(expand("@SELF@", kTokens, kPlenty).text, "@ARCH@");
}

TEST(Tokens, StopsBeforeValuesFillTheMemory) {
    const Tokens large{{"L", std::string(600, 'x')}};
    EXPECT_FALSE(expand("@L@", large, kPlenty).too_long);
    const auto line = expand("@L@@L@", large, kPlenty);
    EXPECT_TRUE(line.too_long);
    EXPECT_LE(line.text.size(), kPlenty);
}

TEST(Tokens, SeesATokenThatNobodyGaveAValue) {
    EXPECT_EQ(unknown_token("http://@DEBIAN_MIRROR@/x"), "@DEBIAN_MIRROR@");
    EXPECT_EQ(unknown_token("a@b@c"), std::nullopt);
    EXPECT_EQ(unknown_token("@x@ARCH@"), "@ARCH@");
    EXPECT_EQ(unknown_token("@1@ @@"), std::nullopt);
}

}  // namespace
}  // namespace img::syntax
