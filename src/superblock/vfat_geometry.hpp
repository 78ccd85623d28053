// Where a FAT file system keeps what, from its boot sector.
#pragma once

#include "base/result.hpp"
#include "vdisk/disk_source.hpp"

#include <cstdint>
#include <optional>
#include <string>

namespace img::superblock {

/// All offsets count from the start of the file system. Clusters are numbered from 2.
///
///     | reserved sectors | FAT, FAT | root folder (FAT12, FAT16) | clusters … |
struct VfatGeometry {
    unsigned bits = 0;  ///< Of an entry in the FAT: 12, 16 or 32.
    std::uint64_t cluster_bytes = 0;
    std::uint64_t fat_start = 0;
    std::uint64_t fat_bytes = 0;
    std::uint64_t root_start = 0;  ///< FAT12, FAT16: where the root folder stands.
    std::uint64_t root_bytes = 0;
    std::uint32_t root_cluster = 0;  ///< FAT32: where the root folder begins.
    std::uint64_t data_start = 0;
    std::uint64_t clusters = 0;
    std::uint64_t size_bytes = 0;
    std::uint64_t info_sector_start = 0;  ///< FAT32: the sector that counts free clusters; 0: none.
    std::uint32_t serial = 0;
    std::string label{};  ///< That of the boot sector; the root folder's goes before it.

    bool operator==(const VfatGeometry&) const = default;
};

/// Empty: not a FAT file system.
Result<std::optional<VfatGeometry>> vfat_geometry(const vdisk::DiskSource& part);

}  // namespace img::superblock
