#include "image/ubi.hpp"

#include "base/byte_size.hpp"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

namespace img::image {
namespace {

volume::FlashGeometry chip(std::string_view profile = "slc-2k") {
    return volume::find_flash_profile(profile).value().geometry;
}

std::string complaint(const std::vector<UbiVolume>& volumes) {
    const auto checked = check_volumes(volumes);
    return checked ? std::string() : checked.error().message;
}

TEST(Ubi, GivesEachVolumeItsSection) {
    const std::vector<UbiVolume> volumes{
        {.name = "rootfs", .lebs = 100, .grows = false, .image = "/s/volume-0"},
        {.name = "home", .lebs = 30, .grows = true, .image = "/s/volume-1"}};
    EXPECT_EQ(ubi_config(chip(), volumes),
              "[volume-0]\nmode=ubi\nimage=/s/volume-0\nvol_id=0\nvol_size=12902400\n"
              "vol_type=dynamic\nvol_name=rootfs\n\n"
              "[volume-1]\nmode=ubi\nimage=/s/volume-1\nvol_id=1\nvol_size=3870720\n"
              "vol_type=dynamic\nvol_name=home\nvol_flags=autoresize\n\n");
}

TEST(Ubi, TellsUbinizeOfTheChip) {
    const std::vector<std::string> wanted{"ubinize", "-o", "/out/a.ubi", "-p", "131072", "-m",
                                          "2048",    "-s", "512",        "-Q", "7",      "/s/ini"};
    EXPECT_EQ(ubinize(chip(), 7, "/s/ini", "/out/a.ubi").argv, wanted);
}

TEST(Ubi, SaysWhereTheHeadersLieOnlyWhereAKernelCannotKnow) {
    EXPECT_EQ(ubi_boot_arguments(chip(), "rootfs", "console=ttyS0"),
              "ubi.mtd=rootfs,512 root=ubi0:rootfs rootfstype=ubifs rw console=ttyS0\n");
    EXPECT_EQ(ubi_boot_arguments(chip("slc-2k-nosub"), "system", ""),
              "ubi.mtd=system root=ubi0:system rootfstype=ubifs rw\n");
}

TEST(Ubi, RefusesNamesThatNothingCanHold) {
    EXPECT_EQ(complaint({{.name = "a b"}}),
              "'a b' is no name of a UBI volume: give it a --label of letters, digits and _ - . +");
    EXPECT_EQ(complaint({{.name = "x;y"}}).substr(0, 5), "'x;y'");
    EXPECT_EQ(complaint({{.name = ""}}).substr(0, 2), "''");
    EXPECT_EQ(complaint({{.name = "a"}, {.name = "a"}}),
              "two UBI volumes are called a: give one of them another --label");
    EXPECT_EQ(
        complaint({{.name = "a", .grows = true}, {.name = "b"}, {.name = "c", .grows = true}}),
        "the UBI volumes a and c both grow: only one can take what the chip has left");
    EXPECT_EQ(complaint({{.name = "a", .grows = true}, {.name = "b-1.x+y_z"}}), "");
}

TEST(Ubi, SaysByHowMuchTheChipIsTooSmall) {
    const auto checked = check_room(
        chip(), std::vector<UbiVolume>{{.name = "a", .lebs = 900}, {.name = "b", .lebs = 200}});
    ASSERT_FALSE(checked);
    EXPECT_EQ(
        checked.error().message,
        "the UBI volumes take 135.4 MiB and the chip has 123.0 MiB for them, 12.3 MiB too "
        "little: of its 1024 erase blocks, 20 are kept for bad ones and 4 are UBI's own; make "
        "volumes smaller, or say nand --blocks");
}

RC_GTEST_PROP(UbiProperty, TakesVolumesUpToTheLastBlock, ()) {
    volume::FlashGeometry any = chip();
    any.blocks = *rc::gen::inRange<std::uint64_t>(50, 100000);
    const auto first = *rc::gen::inRange<std::uint64_t>(0, any.usable_lebs());
    std::vector<UbiVolume> volumes{{.name = "a", .lebs = first},
                                   {.name = "b", .lebs = any.usable_lebs() - first}};
    RC_ASSERT(check_room(any, volumes).has_value());
    ++volumes[1].lebs;
    RC_ASSERT(!check_room(any, volumes).has_value());
}

}  // namespace
}  // namespace img::image
