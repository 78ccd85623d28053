#include "inspect/boot_code.hpp"

#include "base/byte_order.hpp"
#include "superblock/iso_superblock.hpp"
#include "vdisk/source_part.hpp"

#include <algorithm>
#include <fmt/format.h>

namespace img::inspect {
namespace {

constexpr std::size_t kSector = 512;
constexpr std::size_t kBootCode = 440;
// GRUB 2's boot.img: where it is told the sector of core.img (GRUB_BOOT_MACHINE_KERNEL_SECTOR).
constexpr std::size_t kKernelSector = 0x5c;
// boot_hybrid.img, which CDs begin with, has it at its end, where xorriso's --grub2-mbr writes it.
constexpr std::size_t kHybridKernelSector = 0x1b0;

std::string place_of_sector(std::uint64_t sector,
                            const std::optional<partition::TableDescription>& table) {
    const std::uint64_t at = sector * kSector;
    if (table) {
        for (const auto& partition : table->partitions) {
            if (partition.start_bytes <= at && at < partition.end_bytes()) {
                return fmt::format("its core in partition {}", partition.number);
            }
        }
    }
    return fmt::format("its core from sector {} on", sector);
}

Result<std::uint64_t> kernel_sector(const vdisk::DiskSource& disk, std::string_view code) {
    const auto sector = get_le<std::uint64_t>(code, kKernelSector);
    const auto mark = TRY(vdisk::read_bytes(disk, 16 * superblock::kCdSector + 1, 5));
    return sector == 0 && mark == "CD001" ? get_le<std::uint64_t>(code, kHybridKernelSector)
                                          : sector;
}

Result<std::string> grub_place(const vdisk::DiskSource& disk,
                               std::string_view code,
                               const std::optional<partition::TableDescription>& table) {
    const auto sector = TRY(kernel_sector(disk, code));
    if (sector == 0 || sector >= disk.size_bytes() / kSector) {
        return std::string("the MBR, but its core lies outside of the disk");
    }
    const auto core = TRY(vdisk::read_bytes(disk, sector * kSector, kSector));
    // diskboot.img, core.img's first sector, greets with "loading".
    const bool there = core.contains("loading");
    return fmt::format("the MBR, {}{}", place_of_sector(sector, table),
                       there ? "" : ", where no core is");
}

// El Torito Bootable CD-ROM Format Specification 1.0: the boot record volume descriptor is sector
// 17 of the CD and says where the catalogue is; its entries have 32 bytes.
using superblock::kCdSector;
constexpr std::size_t kEntryBytes = 32;

std::string firmware_of(std::uint8_t platform) {
    switch (platform) {
        case 0x00: return "bios";
        case 0xef: return "uefi";
        default: return fmt::format("platform {:#04x}", platform);
    }
}

/// What the image of a catalogue's entry begins with.
Result<std::string> boot_image(const vdisk::DiskSource& disk, std::uint64_t start) {
    const auto head = TRY(vdisk::read_bytes(disk, start, 64 * kSector));
    const auto says = [&head](std::string_view word) { return head.contains(word); };
    return std::string(says("ISOLINUX")                                  ? "ISOLINUX"
                       : says("GRUB") || says("loading")                 ? "GRUB"
                       : says("FAT12") || says("FAT16") || says("FAT32") ? "a FAT image"
                                                                         : "a boot image");
}

Result<BootLoaderDescription> entry_of(const vdisk::DiskSource& disk,
                                       std::string_view entry,
                                       std::uint8_t platform) {
    const std::uint64_t sector = get_le<std::uint32_t>(entry, 8);
    auto what = TRY(boot_image(disk, sector * kCdSector));
    return BootLoaderDescription{.what = std::move(what),
                                 .place = fmt::format("El Torito, CD sector {}", sector),
                                 .firmware = firmware_of(platform)};
}

}  // namespace

Result<std::vector<BootLoaderDescription>> read_boot_code(
    const vdisk::DiskSource& disk, const std::optional<partition::TableDescription>& table) {
    const auto sector = TRY(vdisk::read_bytes(disk, 0, kSector));
    const auto code = std::string_view(sector).substr(0, kBootCode);
    const bool bootable = get_le<std::uint16_t>(sector, 510) == 0xaa55;
    if (!bootable || std::ranges::all_of(code, [](char byte) { return byte == 0; })) {
        return std::vector<BootLoaderDescription>{};
    }
    BootLoaderDescription found{.what = "boot code", .place = "the MBR", .firmware = "bios"};
    if (code.contains("GRUB")) {
        found.what = "GRUB";
        found.place = TRY(grub_place(disk, code, table));
    } else if (sector.contains("isolinux.bin") || sector.contains("isohybrid")) {
        found.what = "ISOLINUX (isohybrid)";
    } else if (sector.contains("SYSLINUX") || code.contains("Missing operating system")) {
        found.what = "SYSLINUX, or a boot sector like it";
    }
    return std::vector{found};
}

Result<std::vector<BootLoaderDescription>> read_el_torito(const vdisk::DiskSource& disk) {
    constexpr std::size_t kEntriesMax = kCdSector / kEntryBytes;
    std::vector<BootLoaderDescription> found;
    const auto record = TRY(vdisk::read_bytes(disk, 17 * kCdSector, kCdSector));
    if (!record.starts_with(std::string_view("\0CD001", 6)) ||
        record.compare(7, 23, "EL TORITO SPECIFICATION") != 0) {
        return found;
    }
    const std::uint64_t place = std::uint64_t{get_le<std::uint32_t>(record, 71)} * kCdSector;
    const auto catalogue = TRY(vdisk::read_bytes(disk, place, kCdSector));
    auto platform = get_le<std::uint8_t>(catalogue, 1);
    for (std::size_t i = 1; i < kEntriesMax; ++i) {
        const auto entry = std::string_view(catalogue).substr(i * kEntryBytes, kEntryBytes);
        const auto kind = get_le<std::uint8_t>(entry, 0);
        if (kind == 0x90 || kind == 0x91) {  // the header of a section for another platform
            platform = get_le<std::uint8_t>(entry, 1);
        } else if (kind == 0x88) {
            found.push_back(TRY(entry_of(disk, entry, platform)));
        }
    }
    return found;
}

}  // namespace img::inspect
