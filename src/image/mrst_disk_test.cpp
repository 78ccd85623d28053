#include "image/mrst_disk.hpp"

#include "base/byte_order.hpp"
#include "base/byte_size.hpp"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

namespace img::image {
namespace {

TEST(MrstDisk, EndsItsPartitionsWithCylinders) {
    const auto disk = mrst_disk(512 * kMiB, 5 * kMiB);
    ASSERT_TRUE(disk) << disk.error().message;
    EXPECT_EQ(disk->sectors, 1048576u);
    EXPECT_EQ(disk->boot_bytes(), 8192u);
    EXPECT_EQ(disk->root_start, 10304u);  // 16 + 10240, rounded up to 161 cylinders
    EXPECT_EQ(disk->root_size_bytes(), (1048576u - 10304u) * 512u);
}

TEST(MrstDisk, SaysHowLargeItHasToBe) {
    EXPECT_EQ(mrst_disk(8 * kMiB, 5 * kMiB).error().message,
              "a disk of 8.0 MiB has no room for a root file system behind the boot blob of 5.0 "
              "MiB: give part / a --size of 10 or more");
    EXPECT_TRUE(mrst_disk(10 * kMiB, 5 * kMiB));
    EXPECT_EQ(mrst_disk(3 * 1024 * kGiB, kMiB).error().fault, Fault::invalid);
}

TEST(MrstDisk, WritesPlacesInItsOwnGeometry) {
    const std::string mbr = mrst_mbr(mrst_disk(16 * kMiB, 40 * kKiB).value(), 0x12345678);
    EXPECT_EQ(get_le<std::uint32_t>(mbr, 440), 0x12345678u);
    // Partition 1: sectors 16 to 127. 16 is head 1, sector 1 of cylinder 0; 127 is head 3, sector
    // 16 of cylinder 1.
    EXPECT_EQ(mbr.substr(446, 8), std::string("\0\1\1\0\xda\3\x10\1", 8));
    EXPECT_EQ(get_le<std::uint32_t>(mbr, 454), 16u);
    EXPECT_EQ(get_le<std::uint32_t>(mbr, 458), 112u);
    // Partition 2: from cylinder 2 to 511, whose high bits stand with the sector.
    EXPECT_EQ(mbr.substr(462, 8), std::string("\0\0\1\2\x83\3\x50\xff", 8));
    EXPECT_EQ(get_le<std::uint32_t>(mbr, 470), 128u);
    EXPECT_EQ(get_le<std::uint32_t>(mbr, 474), 32768u - 128u);
    EXPECT_EQ(mbr.substr(510), "\x55\xaa");
}

TEST(MrstDisk, EndsWithTheLastCylinderThatCanBeSaid) {
    const std::string mbr = mrst_mbr(mrst_disk(512 * kMiB, 40 * kKiB).value(), 1);
    EXPECT_EQ(mbr.substr(462 + 5, 3), "\x03\xd0\xff");  // head 3, sector 16, cylinder 1023
}

RC_GTEST_PROP(MrstDiskProperty, IsAsLargeAsItsRootAsksFor, ()) {
    const auto blob = *rc::gen::inRange<std::uint64_t>(1, 64 * kMiB);
    const auto root = *rc::gen::inRange<std::uint64_t>(4 * kMiB, 4 * kGiB);
    const MrstDisk disk = mrst_disk(mrst_disk_bytes(root, blob), blob).value();
    RC_ASSERT(disk.root_size_bytes() >= root);
    RC_ASSERT(disk.root_size_bytes() < root + 32 * kKiB);
}

RC_GTEST_PROP(MrstDiskProperty, LeavesNoGapAndNoOverlap, ()) {
    const auto blob = *rc::gen::inRange<std::uint64_t>(1, 64 * kMiB);
    const auto size = *rc::gen::inRange<std::uint64_t>(80 * kMiB, 4 * kGiB);
    const MrstDisk disk = mrst_disk(size, blob).value();
    RC_ASSERT(disk.sectors % 64 == 0u);
    RC_ASSERT(disk.root_start % 64 == 0u);
    RC_ASSERT(disk.size_bytes() <= size);
    RC_ASSERT(size - disk.size_bytes() < 32 * kKiB);
    RC_ASSERT(disk.root_bytes() >= disk.boot_bytes() + blob);
    RC_ASSERT(disk.root_bytes() < disk.boot_bytes() + blob + 512 + 32 * kKiB);
    RC_ASSERT(disk.root_bytes() + disk.root_size_bytes() == disk.size_bytes());
}

}  // namespace
}  // namespace img::image
