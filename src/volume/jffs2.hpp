// JFFS2: which mkfs.jffs2 command makes one for a chip, and levelling its times.
#pragma once

#include "base/result.hpp"
#include "system/command.hpp"
#include "volume/volume.hpp"

#include <filesystem>

namespace img::volume {

/// mkfs.jffs2 fills the file from volume.content, little-endian, and makes it as long as the
/// content asks for, in whole erase blocks; what it leaves of the chip is to be erased. Kept:
/// owners, modes, links, devices, extended attributes and capabilities.
system::Command mkfs_jffs2(const Volume& volume, const std::filesystem::path& file);

/// Fault::invalid: no chip, or one that cannot be; a label, which JFFS2 has not; less than the 5
/// erase blocks that Linux wants of one.
Result<void> check_jffs2(const Volume& volume);

/// Runs mkfs_jffs2 and levels the times. Fault::invalid: the content does not fit.
Result<void> make_jffs2(system::CommandRunner& runner,
                        const Volume& volume,
                        const std::filesystem::path& file);

}  // namespace img::volume
