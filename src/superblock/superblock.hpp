// What file systems say of themselves: their kind, label, UUID, size and times.
//
// Knows the superblocks of ten kinds, and of FAT also the folders, for its label stands in one.
// Each reader looks at a few fixed places and believes no number without checking it. Must never
// know what lies around a file system, nor what its files are for.
#pragma once

#include "base/result.hpp"
#include "vdisk/disk_source.hpp"

#include <cstdint>
#include <optional>
#include <string>

namespace img::superblock {

struct FileSystemDescription {
    std::string kind{};   ///< As blkid(8) names it: "ext4", "vfat", "squashfs", "UBI".
    std::string label{};  ///< Empty: none.
    std::string uuid{};   ///< As fstab(5) spells it; empty: none.
    std::uint64_t size_bytes = 0;
    std::optional<std::uint64_t> used_bytes{};
    std::optional<std::int64_t> created{};  ///< Seconds since 1970.
    std::optional<std::int64_t> written{};
    std::string details{};  ///< What else its superblock says: "xz, blocks of 128.0 KiB".
};

/// Empty: the place holds something else. An Error: the source cannot be read.
using SuperblockFinding = Result<std::optional<FileSystemDescription>>;

/// Asks all readers below, the surest mark first.
SuperblockFinding find_file_system(const vdisk::DiskSource& part);

SuperblockFinding find_ext(const vdisk::DiskSource& part);
SuperblockFinding find_vfat(const vdisk::DiskSource& part);
SuperblockFinding find_btrfs(const vdisk::DiskSource& part);
SuperblockFinding find_xfs(const vdisk::DiskSource& part);
SuperblockFinding find_swap(const vdisk::DiskSource& part);
SuperblockFinding find_squashfs(const vdisk::DiskSource& part);
SuperblockFinding find_erofs(const vdisk::DiskSource& part);
SuperblockFinding find_iso(const vdisk::DiskSource& part);
SuperblockFinding find_ubifs(const vdisk::DiskSource& part);
SuperblockFinding find_jffs2(const vdisk::DiskSource& part);

}  // namespace img::superblock
