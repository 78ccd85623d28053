#include "base/byte_fields.hpp"

#include <gtest/gtest.h>
#include <stdexcept>

namespace img {
namespace {

using namespace std::string_view_literals;

TEST(TextAt, EndsAtTheFirstNulAndBeforeBlanks) {
    EXPECT_EQ(text_at("__a disk  \0left"sv, 2, 14), "a disk");
    EXPECT_EQ(text_at("EFI        FAT"sv, 0, 11), "EFI");
    EXPECT_EQ(text_at("    "sv, 0, 4), "");
}

TEST(TextAt, IsCutOffWhereTheBytesEnd) {
    EXPECT_EQ(text_at("abc"sv, 1, 16), "bc");
    EXPECT_EQ(text_at("abc"sv, 3, 16), "");
}

TEST(UuidAt, TakesTheBytesInTheOrderOfTheText) {
    const auto bytes = "__\x6b\x29\xfc\x40\xca\x47\x40\x67\xb3\x1d\x00\xdd\x01\x06\x62\xda"sv;
    EXPECT_EQ(uuid_at(bytes, 2).text(), "6b29fc40-ca47-4067-b31d-00dd010662da");
    EXPECT_THROW(uuid_at(bytes, 3), std::out_of_range);
}

}  // namespace
}  // namespace img
