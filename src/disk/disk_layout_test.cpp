#include "disk/disk_layout.hpp"

#include "base/byte_size.hpp"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

namespace img::disk {
namespace {

PartitionRecipe part(std::uint64_t size_bytes, bool grow = false, std::uint64_t max = 0) {
    PartitionRecipe recipe;
    recipe.name = "/";
    recipe.size_bytes = size_bytes;
    recipe.grow = grow;
    recipe.max_size_bytes = max;
    return recipe;
}

DiskRecipe disk(std::uint64_t size_bytes, std::vector<PartitionRecipe> partitions) {
    DiskRecipe recipe;
    recipe.size_bytes = size_bytes;
    recipe.partitions = std::move(partitions);
    return recipe;
}

std::uint64_t mib_of(const DiskLayout& layout, std::size_t index) {
    return layout.partitions[index].size_bytes() / kMiB;
}

TEST(DiskLayout, EndsADiskOfNoGivenSizeOneMebibyteBehindItsLastPartition) {
    const auto layout = lay_out(disk(0, {part(1 * kMiB), part(100 * kMiB), part(1)})).value();
    EXPECT_EQ(layout.size_bytes, 104 * kMiB);
    EXPECT_EQ(layout.partitions[0], (PartitionSpan{2048, 2048}));
    EXPECT_EQ(layout.partitions[1], (PartitionSpan{4096, 204800}));
    EXPECT_EQ(layout.partitions[2], (PartitionSpan{208896, 2048}));
}

TEST(DiskLayout, FillsTheDiskUpToTheBackupTable) {
    const auto layout = lay_out(disk(kGiB, {part(100 * kMiB), part(1, true)})).value();
    EXPECT_EQ(layout.size_bytes, kGiB);
    EXPECT_EQ(mib_of(layout, 1), 1024u - 1 - 100 - 1);
}

TEST(DiskLayout, GrowsInProportionToTheSizesAskedFor) {
    const auto layout =
        lay_out(disk(902 * kMiB, {part(100 * kMiB, true), part(200 * kMiB, true)})).value();
    EXPECT_EQ(mib_of(layout, 0), 300u);
    EXPECT_EQ(mib_of(layout, 1), 600u);
}

TEST(DiskLayout, LeavesToOthersWhatAFullPartitionCannotTake) {
    const auto layout = lay_out(disk(902 * kMiB, {part(100 * kMiB, true, 150 * kMiB),
                                                  part(200 * kMiB, true), part(100 * kMiB)}))
                            .value();
    EXPECT_EQ(mib_of(layout, 0), 150u);
    EXPECT_EQ(mib_of(layout, 1), 650u);
    EXPECT_EQ(mib_of(layout, 2), 100u);
}

TEST(DiskLayout, StartsAPartitionAtItsOwnAlignment) {
    auto recipe = disk(0, {part(3 * kMiB), part(8 * kMiB)});
    recipe.partitions[1].align_bytes = 16 * kMiB;
    EXPECT_EQ(lay_out(recipe).value().partitions[1].start_bytes(), 16 * kMiB);
}

TEST(DiskLayout, SaysByHowMuchADiskIsTooSmall) {
    const auto refused = lay_out(disk(100 * kMiB, {part(100 * kMiB)}));
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().fault, Fault::invalid);
    EXPECT_EQ(refused.error().message,
              "the disk of 100.0 MiB is too small for its partitions by 1.0 MiB: give it 102 MiB");
}

TEST(DiskLayout, TakesTheSmallestDiskThatHoldsThePartitions) {
    const std::uint64_t smallest = 101 * kMiB + 33 * kSectorBytes;
    EXPECT_TRUE(lay_out(disk(smallest, {part(100 * kMiB)})));
    EXPECT_FALSE(lay_out(disk(smallest - kSectorBytes, {part(100 * kMiB)})));
}

TEST(DiskLayout, RefusesWhatHasNoSizeOrTooMuch) {
    EXPECT_EQ(lay_out(disk(0, {part(0)})).error().message, "partition / has no size");
    EXPECT_FALSE(lay_out(disk(0, {})));
    EXPECT_FALSE(lay_out(disk(0, std::vector<PartitionRecipe>(129, part(kMiB)))));
    EXPECT_TRUE(lay_out(disk(0, std::vector<PartitionRecipe>(128, part(kMiB)))));
    EXPECT_FALSE(lay_out(disk(0, {part(~0ULL)})));
    EXPECT_FALSE(lay_out(disk(~0ULL / 512 * 512, {part(kMiB)})));
    EXPECT_FALSE(lay_out(disk(kGiB + 1, {part(kMiB)})));
    EXPECT_FALSE(lay_out(disk(kGiB, {part(20 * kMiB, true, 10 * kMiB)})));
    auto odd = disk(0, {part(kMiB)});
    odd.partitions[0].align_bytes = 1000;
    EXPECT_FALSE(lay_out(odd));
}

TEST(DiskLayout, HoldsDisksBeyondTwoTebibytes) {
    const auto layout =
        lay_out(disk(5 * 1024 * kGiB, {part(3 * 1024 * kGiB), part(kMiB, true)})).value();
    EXPECT_EQ(layout.partitions[1].start_bytes(), 3 * 1024 * kGiB + kMiB);
    EXPECT_EQ(layout.partitions[1].size_bytes(), 2 * 1024 * kGiB - 2 * kMiB);
}

DiskRecipe any_disk() {
    DiskRecipe recipe;
    std::uint64_t base = 2 * kMiB;
    const auto count = *rc::gen::inRange<std::size_t>(1, 20);
    for (std::size_t i = 0; i < count; ++i) {
        const auto size = *rc::gen::inRange<std::uint64_t>(1, 4096 * kGiB);
        PartitionRecipe one = part(size, *rc::gen::arbitrary<bool>());
        if (*rc::gen::arbitrary<bool>()) {
            one.max_size_bytes = size + *rc::gen::inRange<std::uint64_t>(0, 1024 * kGiB);
        }
        one.align_bytes = *rc::gen::element<std::uint64_t>(0, 512, 4096, kMiB, 3 * kMiB, kGiB);
        base += round_up(size, kMiB) + one.align_bytes;
        recipe.partitions.push_back(one);
    }
    const auto extra = *rc::gen::inRange<std::uint64_t>(0, 9000 * kGiB);
    recipe.size_bytes =
        *rc::gen::arbitrary<bool>() ? round_up(base + extra, kSectorBytes) : std::uint64_t{0};
    return recipe;
}

RC_GTEST_PROP(DiskLayoutProperty, NeverOverlapsAlignsEverythingAndStaysInside, ()) {
    const DiskRecipe recipe = any_disk();
    const auto laid = lay_out(recipe);
    RC_ASSERT(laid.has_value());
    std::uint64_t last_end = kMiB / kSectorBytes;
    for (std::size_t i = 0; i < recipe.partitions.size(); ++i) {
        const PartitionRecipe& asked = recipe.partitions[i];
        const PartitionSpan& got = laid->partitions[i];
        RC_ASSERT(got.start >= last_end);
        RC_ASSERT(got.start_bytes() % (asked.align_bytes == 0 ? kMiB : asked.align_bytes) == 0u);
        RC_ASSERT(got.size_bytes() % kMiB == 0u);
        RC_ASSERT(got.size_bytes() >= asked.size_bytes);
        RC_ASSERT(asked.grow || got.size_bytes() - asked.size_bytes < kMiB);
        if (asked.max_size_bytes != 0) {
            RC_ASSERT(got.size_bytes() <= round_up(asked.max_size_bytes, kMiB));
        }
        last_end = got.end();
    }
    RC_ASSERT(last_end + 33 <= laid->sectors());
    RC_ASSERT(recipe.size_bytes == 0 || laid->size_bytes == recipe.size_bytes);
}

RC_GTEST_PROP(DiskLayoutProperty, LeavesNothingOverWhereOneGrowsWithoutBound, ()) {
    DiskRecipe recipe = any_disk();
    recipe.size_bytes = *rc::gen::inRange<std::uint64_t>(1, 9) * 100 * 1024 * kGiB;
    for (PartitionRecipe& partition : recipe.partitions) {
        partition.align_bytes = 0;
    }
    recipe.partitions.back().grow = true;
    recipe.partitions.back().max_size_bytes = 0;
    const auto laid = lay_out(recipe);
    RC_ASSERT(laid.has_value());
    const std::uint64_t end = laid->partitions.back().end() * kSectorBytes;
    RC_ASSERT(laid->size_bytes - end == kMiB);
}

}  // namespace
}  // namespace img::disk
