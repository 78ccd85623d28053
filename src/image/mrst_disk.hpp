// The disk image of Moorestown's first builder, of 2008: a boot blob and a root file system behind
// an MBR, in whole cylinders of a made-up geometry. Arithmetic and the MBR; nothing is written.
#pragma once

#include "base/result.hpp"

#include <cstdint>
#include <string>

namespace img::image {

/// In sectors of 512 bytes:
///
///     0    16                    root_start                                    sectors
///     |MBR | partition 1: blob … | partition 2: ext3, the rest                 |
///     |first track of 4 × 16: one cylinder has 64 sectors, which is 32 KiB
///
/// Partition 1 begins behind the first track; both end with a cylinder.
struct MrstDisk {
    std::uint64_t sectors = 0;
    std::uint64_t root_start = 0;

    static constexpr std::uint64_t kBootStart = 16;
    std::uint64_t size_bytes() const { return sectors * 512; }
    std::uint64_t boot_bytes() const { return kBootStart * 512; }  ///< Where partition 1 begins.
    std::uint64_t root_bytes() const { return root_start * 512; }  ///< Where partition 2 begins.
    std::uint64_t root_size_bytes() const { return (sectors - root_start) * 512; }
};

/// How large a disk is with a root file system of `root_bytes`.
std::uint64_t mrst_disk_bytes(std::uint64_t root_bytes, std::uint64_t blob_bytes);

/// What `size_bytes` hold, rounded down to whole cylinders. Fault::invalid: no room for a root file
/// system of 4 MiB behind the blob, or 2 TiB and more, which an MBR cannot say.
Result<MrstDisk> mrst_disk(std::uint64_t size_bytes, std::uint64_t blob_bytes);

/// Sector 0: `signature` tells disks apart.
std::string mrst_mbr(const MrstDisk& disk, std::uint32_t signature);

}  // namespace img::image
