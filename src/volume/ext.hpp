// ext2, ext3 and ext4: which mke2fs command makes one, and levelling the times it leaves behind.
#pragma once

#include "base/result.hpp"
#include "system/command.hpp"
#include "volume/volume.hpp"

#include <filesystem>

namespace img::volume {

/// mke2fs fills the file from volume.content without mounting it (-d): owners, modes, links,
/// devices, extended attributes and capabilities are kept; sockets are left out. Features, block
/// and inode sizes are spelled out, so that the machine's mke2fs.conf does not matter.
system::Command mkfs_ext(const Volume& volume, const std::filesystem::path& file);

/// mke2fs 1.47.0 copies the change and access times of the source, which no build can repeat:
/// here access and change times become the modification time, creation the epoch, and nothing
/// stays younger than the epoch. Fault::broken: `file` holds no sound ext file system.
Result<void> level_times(const std::filesystem::path& file, std::int64_t epoch);

/// Makes it as small as its content allows, the file too. resize2fs reckons carefully and comes
/// closer when asked again. The same file gives the same bytes.
Result<void> shrink_ext(system::CommandRunner& runner,
                        const std::filesystem::path& file,
                        std::int64_t epoch);

/// Fault::invalid: a label over 16 bytes, no UUID.
Result<void> check_ext(const Volume& volume);

/// Creates the sparse file, runs mkfs_ext on it and levels the times.
Result<void> make_ext(system::CommandRunner& runner,
                      const Volume& volume,
                      const std::filesystem::path& file);

}  // namespace img::volume
