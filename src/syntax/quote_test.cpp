#include "syntax/quote.hpp"

#include <gtest/gtest.h>

namespace img::syntax {
namespace {

TEST(Quote, ShowsBytesThatAreNoTextAsNumbers) {
    EXPECT_EQ(in_quotes("vim"), "'vim'");
    EXPECT_EQ(in_quotes("grün"), "'grün'");
    EXPECT_EQ(in_quotes("a\x1b\n"), "'a\\x1b\\x0a'");
    EXPECT_EQ(in_quotes("a\xff"
                        "b\xc3"),
              "'a\\xffb\\xc3'");
    EXPECT_EQ(in_quotes(std::string_view("a\0b", 3)), "'a\\x00b'");
}

TEST(Quote, ShortensLongWordsBetweenCharacters) {
    const auto shown = in_quotes(std::string(59, 'a') + "üüü");
    EXPECT_EQ(shown, "'" + std::string(59, 'a') + "ü…'");
}

TEST(Quote, KnowsUtf8ByItsStandard) {
    EXPECT_EQ(utf8_length("a"), 1u);
    EXPECT_EQ(utf8_length("ü"), 2u);
    EXPECT_EQ(utf8_length("€"), 3u);
    EXPECT_EQ(utf8_length("😀"), 4u);
    EXPECT_EQ(utf8_length(""), 0u);
    EXPECT_EQ(utf8_length("\xc0\x80"), 0u) << "overlong";
    EXPECT_EQ(utf8_length("\xe0\x80\x80"), 0u) << "overlong";
    EXPECT_EQ(utf8_length("\xf0\x80\x80\x80"), 0u) << "overlong";
    EXPECT_EQ(utf8_length("\xed\xa0\x80"), 0u) << "a surrogate";
    EXPECT_EQ(utf8_length("\xf4\x90\x80\x80"), 0u) << "beyond U+10FFFF";
    EXPECT_EQ(utf8_length("\xe2\x82"), 0u) << "cut short";
}

TEST(Quote, QuotesOnlyTheWordsThatNeedIt) {
    EXPECT_EQ(as_word("--size=8"), "--size=8");
    EXPECT_EQ(as_word("a b"), "'a b'");
    EXPECT_EQ(as_word(""), "''");
    EXPECT_EQ(as_word("it's \"so\" \\"), R"("it's \"so\" \\")");
}

}  // namespace
}  // namespace img::syntax
