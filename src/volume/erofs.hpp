// EROFS: which mkfs.erofs command makes one from a folder, compressed and read-only.
#pragma once

#include "base/result.hpp"
#include "system/command.hpp"
#include "volume/volume.hpp"

#include <filesystem>

namespace img::volume {

/// mkfs.erofs keeps owners, modes, links, devices, sockets, extended attributes and capabilities.
/// Every time becomes the epoch: erofs-utils 1.5 knows one time for all, or each file's own, which
/// no build can repeat. Volume::compressor is lz4hc (empty means it), lz4 or none.
system::Command mkfs_erofs(const Volume& volume, const std::filesystem::path& file);

/// Fault::invalid: a label, which erofs-utils 1.5 cannot write; no UUID; a compressor that there is
/// not.
Result<void> check_erofs(const Volume& volume);

/// The file becomes as large as the compressed content. Fault::missing: mkfs.erofs is not
/// installed.
Result<void> make_erofs(system::CommandRunner& runner,
                        const Volume& volume,
                        const std::filesystem::path& file);

}  // namespace img::volume
