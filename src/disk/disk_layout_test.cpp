#include "disk/disk_layout.hpp"

#include "base/byte_size.hpp"

#include <algorithm>
#include <gtest/gtest.h>
#include <map>
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

DiskRecipe msdos(std::uint64_t size_bytes, std::vector<PartitionRecipe> partitions) {
    DiskRecipe recipe = disk(size_bytes, std::move(partitions));
    recipe.table = PartitionTable::msdos;
    return recipe;
}

TEST(DiskLayout, NeedsNothingBehindTheLastPartitionOfAnMsdosDisk) {
    const auto layout = lay_out(msdos(0, {part(100 * kMiB), part(1)})).value();
    EXPECT_EQ(layout.size_bytes, 102 * kMiB);
    EXPECT_EQ(layout.partitions[1].end(), layout.sectors());
    EXPECT_TRUE(lay_out(msdos(101 * kMiB, {part(100 * kMiB)})));
    EXPECT_FALSE(lay_out(msdos(101 * kMiB - kSectorBytes, {part(100 * kMiB)})));
}

TEST(DiskLayout, KeepsFourPartitionsOfAnMsdosDiskPrimary) {
    const auto layout = lay_out(msdos(0, std::vector<PartitionRecipe>(4, part(kMiB)))).value();
    EXPECT_EQ(layout.numbers, (std::vector<unsigned>{1, 2, 3, 4}));
}

TEST(DiskLayout, MakesTheFourthAndLaterOfMoreThanFourLogical) {
    const auto layout = lay_out(msdos(0, std::vector<PartitionRecipe>(6, part(kMiB)))).value();
    EXPECT_EQ(layout.numbers, (std::vector<unsigned>{1, 2, 3, 5, 6, 7}));
    EXPECT_EQ(layout.partitions[2].start_bytes(), 3 * kMiB);
    EXPECT_EQ(layout.partitions[3].start_bytes(), 5 * kMiB) << "its EBR is in the MiB before";
    EXPECT_EQ(layout.partitions[4].start_bytes(), 7 * kMiB);
    EXPECT_EQ(layout.size_bytes, 10 * kMiB);
}

TEST(DiskLayout, KeepsPrimaryWhatHasToBeAndPutsItBeforeTheLogicalOnes) {
    auto recipe = msdos(0, std::vector<PartitionRecipe>(7, part(kMiB)));
    recipe.partitions[3].primary = true;
    recipe.partitions[5].role = PartitionRole::efi_system;
    const auto layout = lay_out(recipe).value();
    EXPECT_EQ(layout.numbers, (std::vector<unsigned>{1, 5, 6, 2, 7, 3, 8}));
    EXPECT_EQ(layout.partitions[5].start_bytes(), 3 * kMiB);
    EXPECT_EQ(layout.partitions[1].start_bytes(), 5 * kMiB);
    recipe.partitions[0].legacy_boot = true;
    recipe.partitions[1].primary = true;
    const auto refused = lay_out(recipe);
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().message,
              "an msdos partition table of 7 partitions has three primary ones, and 4 have to be: "
              "those that are marked primary or active, and that of EFI; use gpt");
}

TEST(DiskLayout, GivesAnMsdosDiskNumbersUpToSixty) {
    const auto layout = lay_out(msdos(0, std::vector<PartitionRecipe>(59, part(kMiB)))).value();
    EXPECT_EQ(layout.numbers.back(), 60u);
    EXPECT_FALSE(lay_out(msdos(0, std::vector<PartitionRecipe>(60, part(kMiB)))));
}

TEST(DiskLayout, EndsAnMsdosDiskAtTwoTebibytes) {
    constexpr std::uint64_t kMost = 2048 * kGiB;
    EXPECT_TRUE(lay_out(msdos(kMost, {part(kMiB, true)})));
    EXPECT_TRUE(lay_out(msdos(0, {part(kMost - kMiB)})));
    const auto refused = lay_out(msdos(0, {part(kMost - kMiB + 1)}));
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().message,
              "the disk has 2.0 TiB, and an msdos partition table reaches 2.0 TiB: make it "
              "smaller, or use gpt");
    EXPECT_FALSE(lay_out(msdos(kMost + kMiB, {part(kMiB)})));
    auto large_sectors = msdos(8 * kMost, {part(kMost)});
    large_sectors.sector_bytes = 4096;
    EXPECT_TRUE(lay_out(large_sectors)) << "as many sectors, eight times as large";
    large_sectors.size_bytes += kMiB;
    EXPECT_FALSE(lay_out(large_sectors));
}

TEST(DiskLayout, CountsInTheSectorsOfTheDisk) {
    auto recipe = disk(0, {part(4 * kMiB)});
    recipe.sector_bytes = 4096;
    const auto layout = lay_out(recipe).value();
    EXPECT_EQ(layout.partitions[0], (PartitionSpan{256, 1024, 4096}));
    EXPECT_EQ(layout.partitions[0].start_bytes(), kMiB);
    EXPECT_EQ(layout.sectors(), 6u * 256);
    recipe.size_bytes = 5 * kMiB + 16 * kKiB + 4096;
    EXPECT_TRUE(lay_out(recipe));
    recipe.size_bytes -= 4096;
    EXPECT_FALSE(lay_out(recipe));
    recipe.size_bytes = kGiB + 512;
    EXPECT_FALSE(lay_out(recipe)) << "half a sector";
    recipe.size_bytes = kGiB;
    recipe.partitions[0].align_bytes = 512;
    EXPECT_FALSE(lay_out(recipe));
    recipe.partitions[0].align_bytes = 0;
    recipe.sector_bytes = 2048;
    EXPECT_EQ(lay_out(recipe).error().message, "sectors of 2048 bytes: a disk has 512 or 4096");
}

/// Up to `most` partitions of up to `largest_bytes`, on a disk that has room for them or is as
/// large as they need.
DiskRecipe any_disk(std::size_t most, std::uint64_t largest_bytes) {
    DiskRecipe recipe;
    recipe.sector_bytes = *rc::gen::element<std::uint64_t>(512, 4096);
    std::uint64_t base = 2 * kMiB;
    const auto count = *rc::gen::inRange<std::size_t>(1, most + 1);
    for (std::size_t i = 0; i < count; ++i) {
        const auto size = *rc::gen::inRange<std::uint64_t>(1, largest_bytes);
        PartitionRecipe one = part(size, *rc::gen::arbitrary<bool>());
        if (*rc::gen::arbitrary<bool>()) {
            one.max_size_bytes = size + *rc::gen::inRange<std::uint64_t>(0, 1024 * kGiB);
        }
        one.align_bytes = *rc::gen::element<std::uint64_t>(0, 1, 8, kMiB / 512, 3 * kMiB / 512) *
                          recipe.sector_bytes;
        base += round_up(size, kMiB) + kEbrBytes + one.align_bytes;
        recipe.partitions.push_back(one);
    }
    const auto extra = *rc::gen::inRange<std::uint64_t>(0, largest_bytes * 2);
    recipe.size_bytes = *rc::gen::arbitrary<bool>() ? round_up(base + extra, recipe.sector_bytes)
                                                    : std::uint64_t{0};
    return recipe;
}

DiskRecipe any_gpt_disk() {
    return any_disk(20, 4096 * kGiB);
}

/// At most 59 times 16 GiB, their alignment and as much as it may be larger: under 2 TiB.
DiskRecipe any_msdos_disk() {
    DiskRecipe recipe = any_disk(59, 16 * kGiB);
    recipe.table = PartitionTable::msdos;
    const auto primary = *rc::gen::inRange<std::size_t>(0, 4);
    for (std::size_t i = 0; i < primary; ++i) {
        recipe.partitions[*rc::gen::inRange<std::size_t>(0, recipe.partitions.size())].primary =
            true;
    }
    return recipe;
}

void assert_as_asked(const PartitionRecipe& asked, const PartitionSpan& got) {
    RC_ASSERT(got.start_bytes() % (asked.align_bytes == 0 ? kMiB : asked.align_bytes) == 0u);
    RC_ASSERT(got.size_bytes() % kMiB == 0u);
    RC_ASSERT(got.size_bytes() >= asked.size_bytes);
    RC_ASSERT(asked.grow || got.size_bytes() - asked.size_bytes < kMiB);
    if (asked.max_size_bytes != 0) {
        RC_ASSERT(got.size_bytes() <= round_up(asked.max_size_bytes, kMiB));
    }
}

RC_GTEST_PROP(DiskLayoutProperty, NeverOverlapsAlignsEverythingAndStaysInsideAGptDisk, ()) {
    const DiskRecipe recipe = any_gpt_disk();
    const auto laid = lay_out(recipe);
    RC_ASSERT(laid.has_value());
    std::uint64_t last_end = kMiB / recipe.sector_bytes;
    for (std::size_t i = 0; i < recipe.partitions.size(); ++i) {
        const PartitionSpan& got = laid->partitions[i];
        RC_ASSERT(laid->numbers[i] == i + 1);
        RC_ASSERT(got.start >= last_end);
        assert_as_asked(recipe.partitions[i], got);
        last_end = got.end();
    }
    RC_ASSERT(last_end * recipe.sector_bytes + 16 * kKiB + recipe.sector_bytes <= laid->size_bytes);
    RC_ASSERT(recipe.size_bytes == 0 || laid->size_bytes == recipe.size_bytes);
}

RC_GTEST_PROP(DiskLayoutProperty, KeepsAMebibyteBeforeEachLogicalPartitionOfAnMsdosDisk, ()) {
    const DiskRecipe recipe = any_msdos_disk();
    const auto laid = lay_out(recipe);
    RC_ASSERT(laid.has_value());
    std::map<unsigned, std::size_t> by_number;
    for (std::size_t i = 0; i < recipe.partitions.size(); ++i) {
        RC_ASSERT(by_number.emplace(laid->numbers[i], i).second);
        RC_ASSERT(!recipe.partitions[i].primary || laid->numbers[i] < kFirstLogical);
        assert_as_asked(recipe.partitions[i], laid->partitions[i]);
    }
    const std::size_t count = recipe.partitions.size();
    RC_ASSERT(by_number.begin()->first == 1u);
    RC_ASSERT(by_number.rbegin()->first == (count <= 4 ? count : count + 1));
    RC_ASSERT(count <= 4 || !by_number.contains(4));  // the extended one's
    std::uint64_t last_end = kMiB / recipe.sector_bytes;
    for (const auto& [number, index] : by_number) {
        const PartitionSpan& got = laid->partitions[index];
        const std::uint64_t front = number < kFirstLogical ? 0 : kMiB / recipe.sector_bytes;
        RC_ASSERT(got.start >= last_end + front);
        last_end = got.end();
    }
    RC_ASSERT(last_end <= laid->sectors());
    RC_ASSERT(laid->sectors() <= std::uint64_t{1} << 32);
    RC_ASSERT(recipe.size_bytes == 0 || laid->size_bytes == recipe.size_bytes);
}

RC_GTEST_PROP(DiskLayoutProperty, LeavesNothingOverWhereOneGrowsWithoutBound, ()) {
    DiskRecipe recipe = any_gpt_disk();
    recipe.size_bytes = *rc::gen::inRange<std::uint64_t>(1, 9) * 100 * 1024 * kGiB;
    for (PartitionRecipe& partition : recipe.partitions) {
        partition.align_bytes = 0;
    }
    recipe.partitions.back().grow = true;
    recipe.partitions.back().max_size_bytes = 0;
    const auto laid = lay_out(recipe);
    RC_ASSERT(laid.has_value());
    const PartitionSpan& last = laid->partitions.back();
    RC_ASSERT(laid->size_bytes - last.start_bytes() - last.size_bytes() == kMiB);
}

RC_GTEST_PROP(DiskLayoutProperty, TakesTheSmallestDiskAndNotASectorLess, ()) {
    DiskRecipe recipe = *rc::gen::arbitrary<bool>() ? any_gpt_disk() : any_msdos_disk();
    recipe.size_bytes = 0;
    const auto smallest = lay_out(recipe).value();
    std::uint64_t end = 0;
    for (const PartitionSpan& span : smallest.partitions) {
        end = std::max(end, span.start_bytes() + span.size_bytes());
    }
    const bool gpt = recipe.table == PartitionTable::gpt;
    recipe.size_bytes = end + (gpt ? 16 * kKiB + recipe.sector_bytes : 0);
    RC_ASSERT(lay_out(recipe).has_value());
    recipe.size_bytes -= recipe.sector_bytes;
    RC_ASSERT(!lay_out(recipe).has_value());
}

}  // namespace
}  // namespace img::disk
