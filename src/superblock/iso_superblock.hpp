// The descriptor that stands for a superblock in ISO 9660.
#pragma once

#include "base/result.hpp"
#include "vdisk/disk_source.hpp"

#include <cstdint>
#include <optional>
#include <string>

namespace img::superblock {

/// In which ISO 9660 counts, whatever the sectors of the disk (ECMA-119).
constexpr std::uint64_t kCdSector = 2048;

/// The primary volume descriptor, one sector; empty: it is no ISO 9660.
Result<std::optional<std::string>> iso_descriptor(const vdisk::DiskSource& part);

}  // namespace img::superblock
