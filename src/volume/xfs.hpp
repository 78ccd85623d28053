// XFS: mkfs.xfs fills it from a prototype, xfs_db brings what a prototype cannot say.
#pragma once

#include "base/result.hpp"
#include "system/command.hpp"
#include "volume/volume.hpp"
#include "volume/xfs_protofile.hpp"

#include <filesystem>

namespace img::volume {

/// Relative paths of the prototype start in volume.content. What GRUB 2.06 cannot read (nrext64)
/// is off.
system::Command mkfs_xfs(const Volume& volume,
                         const std::filesystem::path& prototype,
                         const std::filesystem::path& file);

/// Sticky bits and times, which a prototype cannot say; see XfsFilling for what else is lost.
system::Command correct_xfs(const XfsFilling& filling, const std::filesystem::path& file);

/// Fault::invalid: a label over 12 bytes, no UUID.
Result<void> check_xfs(const Volume& volume);

/// Writes the prototype beside `file` for the time it is needed. Fault::invalid: as xfs_filling.
Result<void> make_xfs(system::CommandRunner& runner,
                      const Volume& volume,
                      const std::filesystem::path& file);

}  // namespace img::volume
