#include "volume/flash_geometry.hpp"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>
#include <set>

namespace img::volume {
namespace {

FlashGeometry geometry_of(std::string_view profile) {
    return find_flash_profile(profile).value().geometry;
}

// What `ubinize -v` of mtd-utils 2.1.5 says of the same chips.
TEST(FlashGeometry, AgreesWithUbinize) {
    EXPECT_EQ(geometry_of("n900").leb_bytes(), 129024u);
    EXPECT_EQ(geometry_of("slc-2k").leb_bytes(), 129024u);
    EXPECT_EQ(geometry_of("slc-2k-nosub").leb_bytes(), 126976u);
    EXPECT_EQ(geometry_of("page-4k").leb_bytes(), 253952u);
    EXPECT_EQ(geometry_of("nor-64k").leb_bytes(), 65408u);
    EXPECT_EQ(geometry_of("slc-2k").vid_header_offset(), 512u);
    EXPECT_EQ(geometry_of("slc-2k-nosub").vid_header_offset(), 2048u);
    EXPECT_EQ(geometry_of("nor-64k").vid_header_offset(), 64u);
}

// A kernel that attaches a nandsim of 1024 blocks keeps 20 for bad ones, and 4 for itself.
TEST(FlashGeometry, KeepsWhatLinuxKeeps) {
    EXPECT_EQ(geometry_of("slc-2k").bad_block_reserve(), 20u);
    EXPECT_EQ(geometry_of("slc-2k").usable_lebs(), 1000u);
    EXPECT_EQ(geometry_of("n900").bad_block_reserve(), 40u);  // 39.3
    EXPECT_EQ(geometry_of("nor-64k").usable_lebs(), 252u);
    FlashGeometry chip = geometry_of("slc-2k");
    chip.reserved_blocks = 0;
    EXPECT_EQ(chip.usable_lebs(), 1020u);
}

TEST(FlashGeometry, HasSoundProfiles) {
    std::set<std::string_view> names;
    for (const FlashProfile& profile : flash_profiles()) {
        EXPECT_TRUE(check_geometry(profile.geometry)) << profile.name;
        EXPECT_TRUE(names.insert(profile.name).second) << profile.name;
    }
    EXPECT_EQ(find_flash_profile("slc-2K").error().message,
              "no flash chip is called 'slc-2K'; did you mean 'slc-2k'?");
}

TEST(FlashGeometry, RefusesChipsThatCannotBe) {
    const auto refused = [](FlashGeometry chip) {
        const auto checked = check_geometry(chip);
        return checked ? std::string() : checked.error().message;
    };
    EXPECT_EQ(refused({.page_bytes = 2000}), "flash chip: a page of 2000 bytes is no power of two");
    EXPECT_EQ(refused({.page_bytes = 512, .subpage_bytes = 1024}),
              "flash chip: a sub-page of 1024 bytes is no power of two, or larger than the page of "
              "512");
    EXPECT_EQ(refused({.peb_bytes = 100000}),
              "flash chip: an erase block of 100000 bytes is not a number of pages of 2048");
    EXPECT_EQ(refused({.peb_bytes = 8 * kKiB}),
              "flash chip: of an erase block of 8.0 KiB, UBI leaves what UBIFS cannot use: it "
              "wants 15 KiB to 2 MiB");
    EXPECT_EQ(refused({.blocks = 5}),
              "flash chip: 5 erase blocks, 1 of them kept for bad ones and 4 for UBI itself, leave "
              "none for files");
    EXPECT_EQ(refused({}), "");
}

RC_GTEST_PROP(FlashGeometryProperty, PutsHeadersAndDataWhereTheyCanBeWritten, ()) {
    const auto page = std::uint64_t{1} << *rc::gen::inRange(0, 14);
    const auto parts = std::uint64_t{1} << *rc::gen::inRange(0, 3);
    const FlashGeometry chip{
        .peb_bytes = page * (*rc::gen::inRange<std::uint64_t>(64 * kKiB, 2 * kMiB) / page),
        .page_bytes = page,
        .subpage_bytes = std::max<std::uint64_t>(page / parts, 1),
        .blocks = *rc::gen::inRange<std::uint64_t>(10, 1 << 20)};
    RC_ASSERT(check_geometry(chip).has_value());
    RC_ASSERT(chip.vid_header_offset() >= 64u);
    RC_ASSERT(chip.vid_header_offset() % chip.subpage_bytes == 0u);
    RC_ASSERT(chip.data_offset() >= chip.vid_header_offset() + 64u);
    RC_ASSERT(chip.data_offset() % chip.page_bytes == 0u);
    RC_ASSERT(chip.leb_bytes() + chip.data_offset() == chip.peb_bytes);
    RC_ASSERT(chip.leb_bytes() % chip.page_bytes == 0u);
    // The least whole number of blocks that is 20 of 1024 or more.
    const auto reserve = chip.bad_block_reserve();
    RC_ASSERT(chip.is_nor() || reserve * 1024 >= chip.blocks * 20);
    RC_ASSERT(chip.is_nor() || (reserve - 1) * 1024 < chip.blocks * 20);
    RC_ASSERT(chip.usable_lebs() + reserve + 4 == chip.blocks);
}

}  // namespace
}  // namespace img::volume
