// UBIFS: which mkfs.ubifs command makes one for a chip, and what is put right in its output.
#pragma once

#include "base/result.hpp"
#include "system/command.hpp"
#include "volume/volume.hpp"

#include <filesystem>

namespace img::volume {

/// mkfs.ubifs fills the file from volume.content, and makes it as long as the content asks for, in
/// whole logical erase blocks; the file system may grow to volume.size_bytes once it is on a chip.
/// Kept: owners, modes, links, devices, sockets. Lost: extended attributes, which mkfs.ubifs of
/// Debian 12 does not look for.
system::Command mkfs_ubifs(const Volume& volume, const std::filesystem::path& file);

/// Fault::invalid: no chip, or one that cannot be; a label over 127 bytes; no UUID; less than the
/// 22 logical erase blocks that the smallest UBIFS takes.
Result<void> check_ubifs(const Volume& volume);

/// Runs mkfs_ubifs, gives the superblock its UUID and levels the times. Fault::invalid where the
/// content does not fit says how large the volume has to be.
Result<void> make_ubifs(system::CommandRunner& runner,
                        const Volume& volume,
                        const std::filesystem::path& file);

}  // namespace img::volume
