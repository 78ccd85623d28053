#include "vdisk/source_part.hpp"

#include "tests/support/memory_disk.hpp"

#include <gtest/gtest.h>

namespace img::vdisk {
namespace {

TEST(BoundedSource, FailsBehindItsBounds) {
    const testing::MemoryDisk disk(std::string(1000, 'x'));
    const BoundedSource few(disk, {.reads = 2, .bytes = 100});
    EXPECT_TRUE(read_bytes(few, 0, 60).has_value());
    EXPECT_EQ(read_bytes(few, 0, 60).error().fault, Fault::exhausted);
    EXPECT_TRUE(few.exceeded());
    EXPECT_TRUE(read_bytes(few, 0, 40).has_value());
    EXPECT_FALSE(read_bytes(few, 0, 0).has_value());
}

TEST(SourcePart, IsZerosBehindItsEnd) {
    const testing::MemoryDisk disk("0123456789");
    const SourcePart part(disk, {.start = 6, .size = 2});
    EXPECT_EQ(part.size_bytes(), 2u);
    EXPECT_EQ(read_bytes(part, 1, 3).value(), std::string("7\0\0", 3));
    EXPECT_EQ(read_bytes(part, 5, 1).value(), std::string(1, '\0'));
}

TEST(SourcePart, IsCutOffWhereTheWholeEnds) {
    const testing::MemoryDisk disk("0123456789");
    EXPECT_EQ(SourcePart(disk, {.start = 8, .size = 100}).size_bytes(), 2u);
    EXPECT_EQ(SourcePart(disk, {.start = 50, .size = 1}).size_bytes(), 0u);
    const auto data = SourcePart(disk, {.start = 2, .size = 3}).next_data(1).value();
    EXPECT_EQ(data, (Extent{.start = 1, .size = 2}));
}

}  // namespace
}  // namespace img::vdisk
