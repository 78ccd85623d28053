#include "vdisk/source_part.hpp"

#include "tests/support/memory_disk.hpp"

#include <gtest/gtest.h>
#include <span>
#include <string>

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
    std::string bytes = "....";
    const auto into = std::as_writable_bytes(std::span(bytes));
    ASSERT_TRUE(part.read(1, into.first(3)).has_value());
    EXPECT_EQ(bytes, std::string("7\0\0.", 4));
    ASSERT_TRUE(part.read(5, into.last(1)).has_value());
    EXPECT_EQ(bytes, std::string("7\0\0\0", 4));
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
