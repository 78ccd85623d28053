// Turns neutral recipes into disk images: what they may say, and what they are refused for.
//
// Knows disk layouts, file systems, boot loaders. Must never know kickstart or packages.
#pragma once

#include "base/result.hpp"
#include "image/disk_layout.hpp"
#include "image/image_recipe.hpp"
#include "image/volume.hpp"

#include <vector>

namespace img::image {

/// A recipe that can be made, as far as can be said before its content exists.
struct DiskPlan {
    DiskLayout layout;
    std::vector<Volume> volumes{};  ///< One for each partition; kind none where it holds no files.
};

/// Fault::invalid, before any work is done: the partitions do not fit (see lay_out), a label, a
/// UUID or a type is wrong, a boot partition without file system, or one for which there is
/// neither a BIOS boot nor an EFI system partition to put a boot loader on.
Result<DiskPlan> plan_disk(const DiskRecipe& recipe);

}  // namespace img::image
