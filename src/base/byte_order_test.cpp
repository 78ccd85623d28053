#include "base/byte_order.hpp"

#include <cstdint>
#include <gtest/gtest.h>

namespace img {
namespace {

TEST(ByteOrder, PutsTheLowestOrTheHighestByteFirst) {
    std::string bytes(8, '\0');
    put_le(bytes, 0, std::uint32_t{0x01020304});
    put_be(bytes, 4, std::uint32_t{0x01020304});
    EXPECT_EQ(bytes, std::string_view("\4\3\2\1\1\2\3\4", 8));
}

TEST(ByteOrder, ReadsWhatItWrote) {
    std::string bytes(16, '\0');
    put_le(bytes, 3, std::uint64_t{0xfedcba9876543210});
    EXPECT_EQ(get_le<std::uint64_t>(bytes, 3), 0xfedcba9876543210u);
    put_be(bytes, 5, std::uint16_t{0xbeef});
    EXPECT_EQ(get_be<std::uint16_t>(bytes, 5), 0xbeefu);
    EXPECT_THROW(get_be<std::uint32_t>(bytes, 13), std::out_of_range);
}

}  // namespace
}  // namespace img
