// What a kickstart comes down to: packages, a tree's partitions, a disk.
#pragma once

#include "base/result.hpp"
#include "disk/disk.hpp"
#include "engine/build_request.hpp"
#include "image/image_type.hpp"
#include "kickstart/kickstart.hpp"
#include "packages/packages.hpp"
#include "rootfs/fstab.hpp"
#include "syntax/diagnostic.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace img::engine {

/// A partition of the disk, and what it is in the tree.
struct PlannedPartition {
    disk::PartitionRecipe recipe;  ///< Sizes and content are completed when the tree is there.
    std::string mount_point;       ///< Absolute; empty: nothing is mounted.
    std::string mount_options;
    std::string origin;  ///< "demo.ks:7"; empty: we added it.
    kickstart::Location where;
    std::size_t disk = 0;  ///< Which of Plan::disks it lies on.
};

/// A disk, or a chip of flash memory.
struct PlannedDisk {
    std::string name{};  ///< --ondisk; empty: none was said.
    disk::PartitionTable table = disk::PartitionTable::gpt;
    std::uint64_t size_bytes = 0;  ///< 0: as large as it needs to be.
    Uuid uuid{};                   ///< identify() gives it.
    bool boots_from_gap = false;   ///< See disk::DiskRecipe.
};

struct Plan {
    image::ImageType type;
    kickstart::Document document;
    std::string kickstart;                    ///< The text, with what it includes in place.
    std::vector<syntax::Diagnostic> remarks;  ///< Warnings and notes, for the build's log.
    std::vector<packages::Repository> repositories;
    packages::Selection selection;
    std::vector<PlannedPartition> partitions;
    std::optional<std::size_t> boot_partition;  ///< Holds /boot; empty: no boot loader.
    std::string kernel_arguments;               ///< Without root=.
    unsigned menu_timeout = 1;                  ///< Seconds.
    std::vector<PlannedDisk> disks;  ///< In the order in which part lines name them; at least one.
    std::optional<image::FlashTarget> flash;  ///< Of a type for chips of flash memory.
    bool writes_fstab = true;                 ///< false: a script of the image does.
    std::int64_t epoch = 0;
    std::string architecture = "amd64";
    bool unverified = false;  ///< A repository's signature is not asked for: the image says so.
};

/// Gives every disk, partition and file system the identity that follows from `seed`, a digest of
/// all that goes into the image.
void identify(Plan& plan, const std::string& seed);

/// Gives growing partitions what their content needs; the content of all that are mounted is in
/// place. Fault::invalid: one is too small for it, and how large it would have to be.
Result<void> fit_to_content(Plan& plan);

/// The lines of /etc/fstab; identify() comes first.
std::vector<rootfs::FstabEntry> fstab_entries(const Plan& plan);

/// The partition that a path of the installed system lies on: the one with the longest mount
/// point above it. There is one, since every plan has "/".
std::size_t partition_of(const Plan& plan, std::string_view path);

}  // namespace img::engine
