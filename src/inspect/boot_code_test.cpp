// Boot sectors of GRUB, on disks and on CDs.
#include "inspect/boot_code.hpp"

#include "base/byte_order.hpp"
#include "tests/support/memory_disk.hpp"

#include <gtest/gtest.h>

namespace img::inspect {
namespace {

constexpr std::size_t kDiskBytes = 1 << 20;
constexpr std::uint64_t kCore = 288;

/// With GRUB's name in the MBR, and its core from kCore on.
std::string disk_of_grub() {
    std::string disk(kDiskBytes, '\0');
    disk.replace(0x180, 5, "GRUB ");
    disk.replace(510, 2, "\x55\xaa");
    disk.replace(kCore * 512 + 300, 7, "loading");
    return disk;
}

std::string place_told_of(std::string disk) {
    const auto found = read_boot_code(testing::MemoryDisk(std::move(disk)), std::nullopt);
    return found && found->size() == 1 ? found->at(0).place : "none";
}

TEST(BootCode, OfGrubTellsWhereItsCoreIs) {
    auto disk = disk_of_grub();
    put_le(disk, 0x5c, kCore);
    EXPECT_EQ(place_told_of(disk), "the MBR, its core from sector 288 on");
    put_le(disk, 0x5c, kCore + 1);
    EXPECT_EQ(place_told_of(disk), "the MBR, its core from sector 289 on, where no core is");
    put_le(disk, 0x5c, std::uint64_t{kDiskBytes});
    EXPECT_EQ(place_told_of(disk), "the MBR, but its core lies outside of the disk");
}

TEST(BootCode, OfGrubKeepsItsCoresPlaceElsewhereOnACd) {
    auto disk = disk_of_grub();
    put_le(disk, 0x1b0, kCore);
    EXPECT_EQ(place_told_of(disk), "the MBR, but its core lies outside of the disk");
    disk.replace(16 * 2048, 6, "\1CD001");
    EXPECT_EQ(place_told_of(disk), "the MBR, its core from sector 288 on");
}

}  // namespace
}  // namespace img::inspect
