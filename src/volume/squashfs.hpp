// squashfs: which mksquashfs command makes one from a folder, compressed and read-only.
#pragma once

#include "base/result.hpp"
#include "system/command.hpp"
#include "volume/volume.hpp"

#include <filesystem>

namespace img::volume {

/// mksquashfs keeps owners, modes, links, devices, sockets, extended attributes and capabilities.
/// Names are sorted, and no file stays younger than the epoch, so the same content gives the same
/// bytes, however many processors compress it. Volume::compressor is one of mksquashfs' own: zstd
/// (empty means it), gzip, lz4, lzo, xz.
system::Command mksquashfs(const Volume& volume, const std::filesystem::path& file);

/// Fault::invalid: a label, which squashfs cannot hold, or a compressor that there is not. A UUID
/// is passed over: it has none either.
Result<void> check_squashfs(const Volume& volume);

/// The file becomes as large as the compressed content, or volume.size_bytes where that is not 0.
/// Fault::invalid: the content does not fit into volume.size_bytes; Fault::missing: mksquashfs is
/// not installed.
Result<void> make_squashfs(system::CommandRunner& runner,
                           const Volume& volume,
                           const std::filesystem::path& file);

}  // namespace img::volume
