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
}

}  // namespace
}  // namespace img
