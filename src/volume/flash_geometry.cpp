#include "volume/flash_geometry.hpp"

#include "base/nearest.hpp"
#include "base/printable.hpp"
#include "base/text.hpp"

#include <array>
#include <bit>
#include <fmt/format.h>
#include <string>
#include <vector>

namespace img::volume {
namespace {

constexpr std::uint64_t kHeaderBytes = 64;    // struct ubi_ec_hdr and ubi_vid_hdr of ubi-media.h
constexpr std::uint64_t kBadPer1024 = 20;     // CONFIG_MTD_UBI_BEB_LIMIT, its default
constexpr std::uint64_t kOwnBlocks = 4;       // UBI_LAYOUT_VOLUME_EBS 2, WL and EBA one each
constexpr std::uint64_t kLebMin = 15 * kKiB;  // UBIFS_MIN_LEB_SZ of ubifs-media.h
constexpr std::uint64_t kLebMax = 2 * kMiB;   // UBIFS_MAX_LEB_SZ of the kernel's ubifs.h
constexpr std::uint64_t kBlocksMax = std::uint64_t{1} << 31;  // UBI counts them in an int

constexpr FlashGeometry chip(std::uint64_t peb_kib,
                             std::uint64_t page,
                             std::uint64_t subpage,
                             std::uint64_t blocks) {
    return {.peb_bytes = peb_kib * kKiB,
            .page_bytes = page,
            .subpage_bytes = subpage,
            .blocks = blocks};
}

constexpr std::array kProfiles{
    // What most boards of 128 MiB have; as nandsim simulates with the ids 20 a1 00 15.
    FlashProfile{"slc-2k", "NAND of 128 MiB, pages of 2048 in parts of 512",
                 chip(128, 2048, 512, 1024)},
    FlashProfile{"slc-2k-nosub", "NAND of 128 MiB, pages of 2048 as a whole",
                 chip(128, 2048, 2048, 1024)},
    FlashProfile{"page-4k", "NAND of 512 MiB, pages of 4096 as a whole",
                 chip(256, 4096, 4096, 2048)},
    // The partition "rootfs" of its OneNAND, 0xfb40000 bytes (omap3-n900.dts of Linux).
    FlashProfile{"n900", "Nokia N900, the partition rootfs of its OneNAND",
                 chip(128, 2048, 512, 2010)},
    FlashProfile{"nor-64k", "NOR flash of 16 MiB", chip(64, 1, 1, 256)},
};

Result<void> require(bool holds, std::string sentence) {
    return holds ? Result<void>{} : fail(Fault::invalid, "flash chip: " + std::move(sentence));
}

}  // namespace

std::uint64_t FlashGeometry::vid_header_offset() const {
    return round_up(kHeaderBytes, subpage_bytes);
}

std::uint64_t FlashGeometry::data_offset() const {
    return round_up(vid_header_offset() + kHeaderBytes, page_bytes);
}

std::uint64_t FlashGeometry::bad_block_reserve() const {
    const std::uint64_t usual = is_nor() ? 0 : (blocks * kBadPer1024 + 1023) / 1024;
    return reserved_blocks.value_or(usual);
}

std::uint64_t FlashGeometry::usable_lebs() const {
    const std::uint64_t kept = bad_block_reserve() + kOwnBlocks;
    return blocks > kept ? blocks - kept : 0;
}

Result<void> check_geometry(const FlashGeometry& chip) {
    TRY(require(std::has_single_bit(chip.page_bytes),
                fmt::format("a page of {} bytes is no power of two", chip.page_bytes)));
    TRY(require(std::has_single_bit(chip.subpage_bytes) && chip.subpage_bytes <= chip.page_bytes,
                fmt::format("a sub-page of {} bytes is no power of two, or larger than the page of "
                            "{}",
                            chip.subpage_bytes, chip.page_bytes)));
    TRY(require(chip.peb_bytes % chip.page_bytes == 0,
                fmt::format("an erase block of {} bytes is not a number of pages of {}",
                            chip.peb_bytes, chip.page_bytes)));
    TRY(require(chip.peb_bytes >= chip.data_offset() + kLebMin && chip.leb_bytes() <= kLebMax,
                fmt::format("of an erase block of {}, UBI leaves what UBIFS cannot use: it wants "
                            "15 KiB to 2 MiB",
                            human_size(chip.peb_bytes))));
    TRY(require(chip.blocks <= kBlocksMax && chip.usable_lebs() > 0,
                fmt::format("{} erase blocks, {} of them kept for bad ones and {} for UBI itself, "
                            "leave none for files",
                            chip.blocks, chip.bad_block_reserve(), kOwnBlocks)));
    return {};
}

std::span<const FlashProfile> flash_profiles() {
    return kProfiles;
}

Result<FlashProfile> find_flash_profile(std::string_view name) {
    std::vector<std::string> names;
    for (const FlashProfile& profile : kProfiles) {
        if (profile.name == name) {
            return profile;
        }
        names.emplace_back(profile.name);
    }
    const std::string meant = nearest(name, names);
    return fail(Fault::invalid,
                fmt::format("no flash chip is called '{}'; {}", printable(name),
                            meant.empty() ? "there is: " + join(names, ", ")
                                          : fmt::format("did you mean '{}'?", meant)));
}

}  // namespace img::volume
