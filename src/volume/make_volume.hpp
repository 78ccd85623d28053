// Any file system of ours by its kind: checked, measured, made.
#pragma once

#include "base/result.hpp"
#include "system/command.hpp"
#include "volume/content_size.hpp"
#include "volume/volume.hpp"

#include <filesystem>
#include <string>
#include <vector>

namespace img::volume {

/// Label and uuid as the kind wants them; content only where it can be held.
Result<void> check_volume(const Volume& volume);

/// Fault::invalid: the content does not fit, with what is missing.
Result<void> check_fits(const Volume& volume, const ContentSize& size);

/// What of the content its file system will not hold, one sentence each: sockets in those that
/// cannot, and capabilities in XFS and UBIFS.
std::vector<std::string> losses(const Volume& volume, const ContentSize& size);

/// Makes the file system in the new file `file`. Where mkfs runs out of room, the fault says of
/// which: Fault::exhausted, the disk under `file`; Fault::invalid, the volume itself.
Result<void> make_volume(system::CommandRunner& runner,
                         const Volume& volume,
                         const std::filesystem::path& file);

}  // namespace img::volume
