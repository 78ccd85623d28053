// UBI images: their geometry, and the volumes that their eraseblocks make up.
#pragma once

#include "base/result.hpp"
#include "inspect/image_description.hpp"
#include "vdisk/disk_source.hpp"

#include <optional>
#include <vector>

namespace img::inspect {

struct UbiImage {
    superblock::FileSystemDescription image;  ///< Of kind "UBI"; its details are the geometry.
    /// A place each, "volume 0 (rootfs)"; where the volume's first eraseblock holds UBIFS or
    /// squashfs, that superblock's description.
    std::vector<VolumeDescription> volumes{};
    std::vector<std::string> remarks{};
};

/// Empty: it does not begin with an eraseblock of UBI.
Result<std::optional<UbiImage>> read_ubi(const vdisk::DiskSource& source);

}  // namespace img::inspect
