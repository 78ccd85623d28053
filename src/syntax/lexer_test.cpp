#include "syntax/lexer.hpp"

#include <gtest/gtest.h>

namespace img::syntax {
namespace {

std::vector<std::string> words(std::string_view text) {
    std::vector<std::string> out;
    const auto line = lex({.text = std::string(text), .columns = {}}).value();
    for (const auto& word : line.words) {
        out.push_back(word.text);
    }
    return out;
}

LexError error_of(std::string_view text) {
    return lex({.text = std::string(text), .columns = {}}).error();
}

using Words = std::vector<std::string>;

TEST(Lexer, SplitsAtBlanks) {
    EXPECT_EQ(words(" part\t/  --size=8 \r"), (Words{"part", "/", "--size=8"}));
    EXPECT_EQ(words(" \t"), Words{});
}

// What Python's shlex.split(text, comments=True) gives.
TEST(Lexer, QuotesAsPosixShellsDo) {
    EXPECT_EQ(words(R"('a b' "c d" e\ f)"), (Words{"a b", "c d", "e f"}));
    EXPECT_EQ(words(R"(--a="b c"'d')"), (Words{"--a=b cd"}));
    EXPECT_EQ(words(R"("a\"b\\c\d")"), (Words{R"(a"b\c\d)"}));
    EXPECT_EQ(words(R"('a\')"), (Words{R"(a\)"}));
    EXPECT_EQ(words(R"("" '')"), (Words{"", ""}));
}

TEST(Lexer, EndsAtACommentOutsideQuotes) {
    EXPECT_EQ(words("text # now"), Words{"text"});
    EXPECT_EQ(words("rootpw 'a#b'"), (Words{"rootpw", "a#b"}));
    EXPECT_EQ(words("rootpw a\\#b"), (Words{"rootpw", "a#b"}));
}

TEST(Lexer, SaysWhereACommentBeginsInsideAWord) {
    const auto line = lex({.text = "rootpw a#b", .columns = {}}).value();
    EXPECT_EQ(line.words.back().text, "a");
    EXPECT_EQ(line.comment_inside_word, 9u);
    EXPECT_FALSE(lex({.text = "rootpw a #b", .columns = {}}).value().comment_inside_word);
}

TEST(Lexer, KnowsTheColumnOfEachByte) {
    const auto line = lex({.text = R"(x --a="b\"c" d)", .columns = {}}).value();
    ASSERT_EQ(line.words.size(), 3u);
    const Word& word = line.words[1];
    EXPECT_EQ(word.text, R"(--a=b"c)");
    EXPECT_EQ(word.column, 3u);
    EXPECT_EQ(word.column_of(4), 8u) << "b, behind the quote";
    EXPECT_EQ(word.column_of(6), 11u) << "c, behind the escape";
    EXPECT_EQ(word.column_of(7), 12u) << "the end";
    EXPECT_EQ(line.words[2].column, 14u);
}

TEST(Lexer, KnowsColumnsThroughTokens) {
    const auto line = lex(expand("x @A@z", {{"A", "long value"}}, 100)).value();
    ASSERT_EQ(line.words.size(), 3u);
    EXPECT_EQ(line.words[1].column, 3u);
    EXPECT_EQ(line.words[2].text, "valuez");
    EXPECT_EQ(line.words[2].column_of(5), 6u);
}

TEST(Lexer, RefusesWhatItCannotRead) {
    EXPECT_EQ(error_of("a 'b").column, 3u);
    EXPECT_EQ(error_of("a 'b").text, "the quote ' is not closed on this line");
    EXPECT_EQ(error_of("a \"b\\\"").text, "the quote \" is not closed on this line");
    EXPECT_EQ(error_of("ab \\").column, 4u);
    EXPECT_EQ(error_of("a\x1b[2J").text, "control character \\x1b; take it out");
    EXPECT_EQ(error_of("a \xff").text, "byte \\xff is not UTF-8; save the file as UTF-8");
    EXPECT_TRUE(lex({.text = "a # \xff", .columns = {}})) << "comments are nobody's business";
}

}  // namespace
}  // namespace img::syntax
