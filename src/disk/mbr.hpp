// The msdos partition table as bytes: the MBR, and an extended boot record for each logical one.
#pragma once

#include "base/result.hpp"
#include "base/uuid.hpp"
#include "disk/disk.hpp"
#include "disk/disk_layout.hpp"

#include <cstdint>
#include <span>
#include <string>
#include <vector>

namespace img::disk {

struct MbrEntry {
    unsigned number = 1;  ///< 1 to 4: primary; from 5 on: logical.
    std::uint8_t type = 0;
    std::uint64_t first_sector = 0;
    std::uint64_t sectors = 0;
    bool active = false;  ///< What a BIOS starts; primary ones only.
};

/// A sector of the table, and where it belongs.
struct MbrSector {
    std::uint64_t sector = 0;
    std::string bytes;
};

/// Sector 0 first, then the chain:
///
///     MBR   0: code (440 bytes), signature, records 1 to 4
///     EBR 5    |---------- MiB ----------| partition 5 |
///              records: partition 5, counted from here; EBR 6 and partition 6 as one, counted
///              from EBR 5
///     EBR 6    |---------- MiB ----------| partition 6 |   the last one has no second record
///
/// A pure function of its arguments, which are as lay_out() gives them: at most four numbers below
/// 5 and, where there are logical ones, no number 4; these ascend by number and place, each with
/// kEbrBytes free in front of it. The first 440 bytes are zero: boot code may be laid over them.
std::vector<MbrSector> mbr_tables(const Uuid& disk,
                                  std::span<const MbrEntry> entries,
                                  std::uint64_t sector_bytes = kSectorBytes);

/// The entries of a disk that has been laid out. Active is the partition so marked; without one,
/// where the disk starts on a BIOS, the boot partition, or number 1 where that is a logical one:
/// some BIOSes start no disk on which nothing is active.
///
/// Fault::invalid: see check_msdos().
Result<std::vector<MbrEntry>> mbr_entries(const DiskRecipe& recipe, const DiskLayout& layout);

/// Fault::invalid: a partition with a GPT type, a BIOS boot partition, or two active ones.
Result<void> check_msdos(const DiskRecipe& recipe);

/// What tells msdos disks apart: the first four bytes of the disk's UUID, never 0.
std::uint32_t disk_signature(const Uuid& disk);

/// What Linux calls PARTUUID, "a1b2c3d4-05": the disk's signature and the partition's number.
std::string msdos_partition_id(const Uuid& disk, unsigned number);

}  // namespace img::disk
