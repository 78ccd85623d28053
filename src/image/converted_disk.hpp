// Image types that are a partitioned disk in a file of another format.
#pragma once

#include "image/image.hpp"
#include "vdisk/vdisk.hpp"

namespace img::image {

/// The disk's artefacts, and what of its content was lost.
struct ConvertedDisk {
    vdisk::WrittenDisk written;
    std::vector<std::string> warnings;
};

/// Builds the disk as a sparse raw file in scratch, streams it into `target`, and removes the raw
/// file. Ids follow from the recipe's seed and the disk's name. Where it fails nothing stays.
/// Faults of write_partitioned_disk() and vdisk::write_disk().
Result<ConvertedDisk> make_converted_disk(const Workshop& workshop,
                                          const ImageRecipe& recipe,
                                          const disk::DiskRecipe& disk,
                                          vdisk::DiskFormat format,
                                          vdisk::DiskTarget target);

/// Fault::invalid: what check_disk() refuses, or a disk that the format has no room for.
Result<void> check_converted_disks(const ImageRecipe& recipe, vdisk::DiskFormat format);

/// A file "<disk_name>.<format>" for each disk, of the subformat that the recipe's options name.
/// Fault::invalid also: there is no such subformat, found before any work is done.
Result<ImageReport> make_converted_disks(const Workshop& workshop,
                                         const ImageRecipe& recipe,
                                         vdisk::DiskFormat format);

}  // namespace img::image
