// What a partitioned disk comes down to: a layout, and a volume for each partition.
#pragma once

#include "base/result.hpp"
#include "disk/disk.hpp"
#include "disk/disk_layout.hpp"
#include "volume/volume.hpp"

#include <optional>
#include <vector>

namespace img::image {

/// A recipe that can be made, as far as can be said before its content exists.
struct DiskPlan {
    disk::DiskLayout layout;
    std::vector<volume::Volume>
        volumes{};  ///< One for each partition; kind none where it holds no files.
    /// Where GRUB's core for a BIOS lies: in the BIOS boot partition of a GPT, or on an msdos disk
    /// from sector 1 to the first partition. Empty: the disk does not start on a BIOS.
    std::optional<disk::PartitionSpan> bios_core{};
};

/// Fault::invalid, before any work is done: the partitions do not fit (see disk::lay_out), a label,
/// a UUID or a type is wrong (see disk::partition_type, disk::check_msdos), a boot partition
/// without file system, one for which there is no place to put a boot loader, or sectors that no
/// BIOS reads.
Result<DiskPlan> plan_disk(const disk::DiskRecipe& recipe);

/// What plan_disk() refuses of it whatever the content will be: growing partitions, which may yet
/// become larger, are not looked into. Gives the least that the disk will be.
Result<disk::DiskLayout> check_disk(const disk::DiskRecipe& recipe);

}  // namespace img::image
