// A file system as an artefact of its own: no partition table around it.
#pragma once

#include "image/image.hpp"
#include "volume/volume.hpp"

#include <cstdint>
#include <string>
#include <vector>

namespace img::image {

struct BareVolume {
    std::uint64_t size_bytes = 0;
    std::uint64_t written_bytes = 0;    ///< The rest of the file is holes.
    std::vector<std::string> warnings;  ///< What could not be kept or done, a sentence each.
};

/// Makes the file `name` in workshop.out. volume.size_bytes 0: as large as its content needs.
/// `shrink` makes ext2, ext3, ext4 and btrfs as small as their content; others keep their size,
/// with a warning. Faults: volume::check_fits()'s and make_volume()'s.
Result<BareVolume> write_bare_volume(const Workshop& workshop,
                                     volume::Volume volume,
                                     const std::string& name,
                                     bool shrink);

/// Bytes that a file takes on its disk, holes left out.
std::uint64_t allocated_bytes(const std::filesystem::path& file);

}  // namespace img::image
