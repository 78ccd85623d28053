// What a partitioned disk comes down to: a layout, and a volume for each partition.
#pragma once

#include "base/result.hpp"
#include "disk/disk.hpp"
#include "disk/disk_layout.hpp"
#include "volume/volume.hpp"

#include <vector>

namespace img::image {

/// A recipe that can be made, as far as can be said before its content exists.
struct DiskPlan {
    disk::DiskLayout layout;
    std::vector<volume::Volume>
        volumes{};  ///< One for each partition; kind none where it holds no files.
};

/// Fault::invalid, before any work is done: the partitions do not fit (see disk::lay_out), a label,
/// a UUID or a type is wrong, a boot partition without file system, or one for which there is
/// neither a BIOS boot nor an EFI system partition to put a boot loader on.
Result<DiskPlan> plan_disk(const disk::DiskRecipe& recipe);

}  // namespace img::image
