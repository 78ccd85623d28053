// The block map of a raw image: which of its blocks a flashing tool has to write, with checksums.
#pragma once

#include "base/result.hpp"

#include <filesystem>

namespace img::vdisk {

/// Writes a map of version 2.0, as bmaptool of bmap-tools reads it: blocks of 4096 bytes, a range
/// and its SHA-256 for each extent of data of the sparse file `raw_image`, and the SHA-256 of the
/// map itself. The same file gives the same map only as long as it has the same holes: it is made
/// before anything copies the image.
/// Fault::missing: there is no such image; Fault::invalid: it is empty or no regular file; faults
/// of writing.
Result<void> write_bmap(const std::filesystem::path& raw_image,
                        const std::filesystem::path& bmap_file);

}  // namespace img::vdisk
