// btrfs: which mkfs.btrfs command makes one, filled from a folder.
#pragma once

#include "base/result.hpp"
#include "system/command.hpp"
#include "volume/volume.hpp"

#include <filesystem>

namespace img::volume {

/// mkfs.btrfs keeps owners, modes, times, links and extended attributes. The ids of the device
/// and the chunk tree, which it draws at random, follow from the volume's uuid.
system::Command mkfs_btrfs(const Volume& volume, const std::filesystem::path& file);

/// Fault::invalid: a label over 255 bytes, no UUID.
Result<void> check_btrfs(const Volume& volume);

Result<void> make_btrfs(system::CommandRunner& runner,
                        const Volume& volume,
                        const std::filesystem::path& file);

}  // namespace img::volume
