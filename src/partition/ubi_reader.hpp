// UBI images: their geometry, and the volumes that their eraseblocks make up.
#pragma once

#include "base/result.hpp"
#include "superblock/superblock.hpp"
#include "vdisk/disk_source.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace img::partition {

struct UbiVolume {
    std::uint32_t id = 0;
    std::string name{};
    bool fixed = false;             ///< Static: read only, and every byte of it under a checksum.
    bool growing = false;           ///< Takes what is left of the chip when it is first attached.
    std::uint64_t start_bytes = 0;  ///< Where its first eraseblock's data stand; 0: nowhere.
    std::uint64_t size_bytes = 0;   ///< That is reserved for it.
    /// As its first eraseblock tells, which holds the superblock of UBIFS or squashfs.
    std::optional<superblock::FileSystemDescription> file_system{};
};

struct UbiImage {
    superblock::FileSystemDescription image;  ///< Of kind "UBI"; its details are the geometry.
    std::vector<UbiVolume> volumes{};
    std::vector<std::string> remarks{};
};

/// Empty: it does not begin with an eraseblock of UBI.
Result<std::optional<UbiImage>> read_ubi(const vdisk::DiskSource& source);

}  // namespace img::partition
