// A raw disk image that boots on BIOS and UEFI, made from a recipe without mounts or root.
#pragma once

#include "base/result.hpp"
#include "image/disk_plan.hpp"
#include "image/image.hpp"
#include "system/command.hpp"

#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

namespace img::image {

struct DiskReport {
    disk::DiskLayout layout;
    std::uint64_t written_bytes = 0;    ///< The rest of the image is holes.
    std::vector<std::string> warnings;  ///< What of the content could not be kept, a sentence each.
};

/// Makes one file system after the other in `scratch` (a folder, best on tmpfs; it needs room for
/// the largest), moves each to its place in the new file `image`, and writes boot code and tables
/// last. Where it fails it leaves neither the image nor anything in scratch.
///
/// With recipe.boot_partition, DiskPlan::bios_core gets GRUB's core and sector 0 its boot code; an
/// EFI system partition, on either kind of table, gets EFI/BOOT/BOOTX64.EFI. The same recipe and
/// content give the same bytes, except on btrfs (see mkfs_btrfs) and XFS.
///
/// Faults: plan_disk()'s; Fault::invalid also where content does not fit; Fault::missing: a tool
/// or GRUB's parts are not installed; Fault::exhausted: the disk is full.
Result<DiskReport> write_partitioned_disk(system::CommandRunner& runner,
                                          const disk::DiskRecipe& recipe,
                                          const std::filesystem::path& scratch,
                                          const std::filesystem::path& image,
                                          const Progress& progress = {});

/// What a disk's file is called, without its ending: "<name>-sda", or the image's name where no
/// disk has been named. A slash of "cciss/c0d0" becomes "!", as in the kernel's /sys/block.
std::string disk_name(const ImageRecipe& recipe, const disk::DiskRecipe& disk);

}  // namespace img::image
