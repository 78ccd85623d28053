// What superblocks say: which file system a place holds, its label, UUID, size and times.
//
// Each reader looks at a few fixed places and believes no number without checking it; empty means
// that the place holds something else. An Error means that the source cannot be read.
#pragma once

#include "base/result.hpp"
#include "inspect/image_description.hpp"
#include "vdisk/disk_source.hpp"

#include <optional>

namespace img::inspect {

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

}  // namespace img::inspect
