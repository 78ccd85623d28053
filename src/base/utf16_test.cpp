#include "base/utf16.hpp"

#include <gtest/gtest.h>

namespace img {
namespace {

TEST(Utf16, GoesThereAndBack) {
    for (const std::string text : {"root", "K\u00fcche", "\u4e2d\u6587", "disk \U0001f4be."}) {
        EXPECT_EQ(utf8(utf16(text)), text);
    }
    EXPECT_EQ(utf16("\U0001f4be"), std::u16string(u"\xd83d\xdcbe"));
}

TEST(Utf16, OfBytesThatAreNoUtf8IsTheReplacement) {
    EXPECT_EQ(utf16("a\xff!"), u"a\ufffd!");
    EXPECT_EQ(utf16("a\xe4\xb8"), u"a\ufffd");
    EXPECT_EQ(utf16("\xc0\xaf"), u"\ufffd\ufffd");
}

TEST(Utf8, OfHalfASurrogatePairIsTheReplacement) {
    EXPECT_EQ(utf8(u"a\xd83d"), "a\ufffd");
    EXPECT_EQ(utf8(u"\xdcbe!"), "\ufffd!");
}

}  // namespace
}  // namespace img
