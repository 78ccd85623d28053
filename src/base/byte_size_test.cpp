#include "base/byte_size.hpp"

#include <gtest/gtest.h>

namespace img {
namespace {

TEST(ByteSize, IsShownInTheLargestUnitThatGivesAWholePart) {
    EXPECT_EQ(human_size(0), "0 B");
    EXPECT_EQ(human_size(1023), "1023 B");
    EXPECT_EQ(human_size(1024), "1.0 KiB");
    EXPECT_EQ(human_size(3 * kGiB + kGiB / 2), "3.5 GiB");
}

TEST(ByteSize, IsReadWithTheUsualLetters) {
    EXPECT_EQ(parse_size("4096").value(), 4096u);
    EXPECT_EQ(parse_size("8G").value(), 8 * kGiB);
    EXPECT_EQ(parse_size("512m").value(), 512 * kMiB);
    EXPECT_EQ(parse_size("2MiB").value(), 2 * kMiB);
}

TEST(ByteSize, RefusesWhatIsNoSize) {
    for (const char* text : {"", "G", "-1", "1.5G", "8GB", "8 G", "99999999999T"}) {
        ASSERT_FALSE(parse_size(text)) << text;
        EXPECT_EQ(parse_size(text).error().fault, Fault::invalid) << text;
    }
}

TEST(ByteSize, RoundsUpToAMultiple) {
    EXPECT_EQ(round_up(0, 512), 0u);
    EXPECT_EQ(round_up(1, 512), 512u);
    EXPECT_EQ(round_up(512, 512), 512u);
}

}  // namespace
}  // namespace img
