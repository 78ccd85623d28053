// What superblocks say: which file system a place holds, its label, UUID, size and times.
//
// Each reader looks at a few fixed places and believes no number without checking it; empty means
// that the place holds something else. An Error means that the source cannot be read.
#pragma once

#include "base/result.hpp"
#include "disk/disk_source.hpp"
#include "inspect/image_description.hpp"

#include <optional>

namespace img::inspect {

using SuperblockFinding = Result<std::optional<FileSystemDescription>>;

/// Asks all readers below, the surest mark first.
SuperblockFinding find_file_system(const disk::DiskSource& part);

SuperblockFinding find_ext(const disk::DiskSource& part);
SuperblockFinding find_vfat(const disk::DiskSource& part);
SuperblockFinding find_btrfs(const disk::DiskSource& part);
SuperblockFinding find_xfs(const disk::DiskSource& part);
SuperblockFinding find_swap(const disk::DiskSource& part);
SuperblockFinding find_squashfs(const disk::DiskSource& part);
SuperblockFinding find_erofs(const disk::DiskSource& part);
SuperblockFinding find_iso(const disk::DiskSource& part);
SuperblockFinding find_ubifs(const disk::DiskSource& part);
SuperblockFinding find_jffs2(const disk::DiskSource& part);

}  // namespace img::inspect
