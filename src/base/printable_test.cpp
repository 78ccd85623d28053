#include "base/printable.hpp"

#include <gtest/gtest.h>

namespace img {
namespace {

TEST(Printable, QuotesTheLastLinesOfATool) {
    EXPECT_EQ(last_lines("one\ntwo\nthree\n", 2), "two\nthree");
    EXPECT_EQ(last_lines("one\n", 5), "one");
    EXPECT_EQ(last_lines("", 5), "");
}

TEST(Printable, ShowsControlBytesAsNumbers) {
    EXPECT_EQ(printable("a\x1b[2J\n"), "a\\x1b[2J\\x0a");
    EXPECT_EQ(printable("grün"), "grün");
    EXPECT_EQ(printable("\xc2\x9b"
                        "2J"),
              "\\xc2\\x9b2J");  // C1's way to say ESC [
}

TEST(Printable, ShowsBytesThatAreNoUtf8AsNumbers) {
    EXPECT_EQ(printable("a\xaaz\xc3"), "a\\xaaz\\xc3");
    EXPECT_EQ(printable("\xed\xa0\x80"), "\\xed\\xa0\\x80");  // half a surrogate pair
    EXPECT_EQ(printable("\xf0\x9f\x98\x80"), "\xf0\x9f\x98\x80");
}

}  // namespace
}  // namespace img
