#include "disk/mbr.hpp"

#include "base/byte_order.hpp"
#include "volume/vfat.hpp"

#include <algorithm>
#include <fmt/format.h>
#include <iterator>

namespace img::disk {
namespace {

// Offsets in sector 0, the same for every system since MS-DOS 2 (UEFI 2.10, table 5.1).
constexpr std::size_t kSignatureAt = 440;
constexpr std::size_t kRecordsAt = 446;
constexpr std::size_t kRecordBytes = 16;
constexpr std::size_t kMarkAt = 510;
constexpr std::uint16_t kMark = 0xaa55;
constexpr std::uint8_t kActive = 0x80;

// Types, as `sfdisk --list-types` has them.
constexpr std::uint8_t kExtended = 0x05;  // of a link from one EBR to the next
constexpr std::uint8_t kFat32 = 0x0c;     // the FAT types with LBA, without cylinders
constexpr std::uint8_t kFat16 = 0x0e;
constexpr std::uint8_t kExtendedLba = 0x0f;  // of the extended partition itself
constexpr std::uint8_t kSwap = 0x82;
constexpr std::uint8_t kLinux = 0x83;
constexpr std::uint8_t kEfi = 0xef;

// The geometry that BIOSes give to every disk of some size.
constexpr std::uint64_t kHeads = 255;
constexpr std::uint64_t kTrackSectors = 63;
constexpr std::uint64_t kCylinders = 1024;

/// Cylinder, head and sector in three bytes: head; sector, with the cylinder's bits 8 and 9 on top;
/// the cylinder's low byte. What is too far for that is the last place that can be said.
std::uint32_t chs(std::uint64_t at) {
    const std::uint64_t last = kCylinders * kHeads * kTrackSectors - 1;
    const std::uint64_t place = std::min(at, last);
    const std::uint64_t cylinder = place / (kHeads * kTrackSectors);
    const std::uint64_t head = place / kTrackSectors % kHeads;
    const std::uint64_t sector = place % kTrackSectors + 1;  // they alone count from 1
    return static_cast<std::uint32_t>(head | (sector | (cylinder >> 8) << 6) << 8 |
                                      (cylinder & 0xff) << 16);
}

struct Record {
    std::uint8_t type = 0;
    PartitionSpan span;      ///< Where it is on the disk.
    std::uint64_t base = 0;  ///< What its start is counted from, in sectors.
    bool active = false;
};

void put_record(std::string& bytes, std::size_t index, const Record& record) {
    const std::size_t at = kRecordsAt + index * kRecordBytes;
    const auto type = static_cast<std::uint32_t>(record.type);
    put_le(bytes, at, chs(record.span.start) << 8 | (record.active ? kActive : 0U));
    put_le(bytes, at + 4, chs(record.span.end() - 1) << 8 | type);
    put_le(bytes, at + 8, static_cast<std::uint32_t>(record.span.start - record.base));
    put_le(bytes, at + 12, static_cast<std::uint32_t>(record.span.count));
}

std::string empty_sector(std::uint64_t sector_bytes) {
    std::string bytes(sector_bytes, '\0');
    put_le(bytes, kMarkAt, kMark);
    return bytes;
}

PartitionSpan span_of(const MbrEntry& entry) {
    return {.start = entry.first_sector, .count = entry.sectors};
}

/// From the EBR of one logical partition to the end of another, or of the same.
PartitionSpan with_ebr(const MbrEntry& first, const MbrEntry& last, std::uint64_t ebr_sectors) {
    const std::uint64_t start = first.first_sector - ebr_sectors;
    return {.start = start, .count = span_of(last).end() - start};
}

std::vector<MbrSector> ebr_chain(std::span<const MbrEntry> logical, std::uint64_t sector_bytes) {
    const std::uint64_t ebr_sectors = kEbrBytes / sector_bytes;
    std::vector<MbrSector> chain;
    for (std::size_t i = 0; i < logical.size(); ++i) {
        const std::uint64_t here = logical[i].first_sector - ebr_sectors;
        std::string bytes = empty_sector(sector_bytes);
        put_record(bytes, 0, {.type = logical[i].type, .span = span_of(logical[i]), .base = here});
        if (i + 1 < logical.size()) {
            put_record(bytes, 1,
                       {.type = kExtended,
                        .span = with_ebr(logical[i + 1], logical[i + 1], ebr_sectors),
                        .base = logical.front().first_sector - ebr_sectors});
        }
        chain.push_back({.sector = here, .bytes = std::move(bytes)});
    }
    return chain;
}

std::uint8_t type_of(const PartitionRecipe& partition, const PartitionSpan& span) {
    if (partition.role == PartitionRole::efi_system) {
        return kEfi;
    }
    switch (partition.file_system) {
        case FileSystem::swap: return kSwap;
        case FileSystem::vfat:
            return span.size_bytes() >= volume::fat32_from(span.sector_bytes) ? kFat32 : kFat16;
        default: return partition.role == PartitionRole::linux_swap ? kSwap : kLinux;
    }
}

/// The number of the active partition; 0: none is.
unsigned active_number(const DiskRecipe& recipe, const DiskLayout& layout) {
    const auto marked = std::ranges::find_if(recipe.partitions, &PartitionRecipe::legacy_boot);
    if (marked != recipe.partitions.end()) {
        return layout.numbers[static_cast<std::size_t>(marked - recipe.partitions.begin())];
    }
    if (!recipe.boot_partition || !recipe.boots_from_gap) {
        return 0;
    }
    const unsigned number = layout.numbers[*recipe.boot_partition];
    return number < kFirstLogical ? number : 1;
}

}  // namespace

std::vector<MbrSector> mbr_tables(const Uuid& disk,
                                  std::span<const MbrEntry> entries,
                                  std::uint64_t sector_bytes) {
    std::string mbr = empty_sector(sector_bytes);
    put_le(mbr, kSignatureAt, disk_signature(disk));
    std::vector<MbrEntry> logical;
    for (const MbrEntry& entry : entries) {
        if (entry.number >= kFirstLogical) {
            logical.push_back(entry);
        } else {
            put_record(mbr, entry.number - 1,
                       {.type = entry.type, .span = span_of(entry), .active = entry.active});
        }
    }
    if (!logical.empty()) {
        const std::uint64_t ebr_sectors = kEbrBytes / sector_bytes;
        put_record(
            mbr, kPrimaryMax - 1,
            {.type = kExtendedLba, .span = with_ebr(logical.front(), logical.back(), ebr_sectors)});
    }
    std::vector<MbrSector> sectors{{.sector = 0, .bytes = std::move(mbr)}};
    std::ranges::move(ebr_chain(logical, sector_bytes), std::back_inserter(sectors));
    return sectors;
}

Result<std::vector<MbrEntry>> mbr_entries(const DiskRecipe& recipe, const DiskLayout& layout) {
    TRY(check_msdos(recipe));
    const unsigned active = active_number(recipe, layout);
    std::vector<MbrEntry> entries;
    for (std::size_t i = 0; i < recipe.partitions.size(); ++i) {
        const PartitionSpan& span = layout.partitions[i];
        entries.push_back({.number = layout.numbers[i],
                           .type = type_of(recipe.partitions[i], span),
                           .first_sector = span.start,
                           .sectors = span.count,
                           .active = layout.numbers[i] == active});
    }
    return entries;
}

Result<void> check_msdos(const DiskRecipe& recipe) {
    const PartitionRecipe* active = nullptr;
    for (const PartitionRecipe& partition : recipe.partitions) {
        if (!partition.type_guid.empty()) {
            return fail(Fault::invalid,
                        fmt::format("partition {}: the type {} is one of GPT, which an msdos "
                                    "partition table cannot hold: leave it out, or use gpt",
                                    partition.name, partition.type_guid));
        }
        if (partition.role == PartitionRole::bios_boot) {
            return fail(Fault::invalid,
                        fmt::format("partition {}: a BIOS boot partition belongs to GPT; on an "
                                    "msdos disk GRUB lies in front of the partitions: leave it out",
                                    partition.name));
        }
        if (partition.legacy_boot && active != nullptr) {
            return fail(Fault::invalid,
                        fmt::format("partitions {} and {} are both active, and a BIOS starts one: "
                                    "choose",
                                    active->name, partition.name));
        }
        active = partition.legacy_boot ? &partition : active;
    }
    return {};
}

std::uint32_t disk_signature(const Uuid& disk) {
    std::uint32_t signature = 0;
    for (std::size_t i = 0; i < sizeof signature; ++i) {
        signature = signature << 8 | disk.bytes[i];
    }
    return std::max(signature, 1U);  // 0 says that there is none
}

std::string msdos_partition_id(const Uuid& disk, unsigned number) {
    return fmt::format("{:08x}-{:02x}", disk_signature(disk), number);
}

}  // namespace img::disk
