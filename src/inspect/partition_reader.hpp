// Partition tables: read, checked, and what is wrong with them said.
#pragma once

#include "base/result.hpp"
#include "inspect/image_description.hpp"
#include "vdisk/disk_source.hpp"

#include <optional>

namespace img::inspect {

/// GPT with sectors of 512 or 4096 bytes, from its copy if the main one is damaged; else msdos,
/// with logical partitions. Empty: the disk has neither. An Error: it cannot be read.
Result<std::optional<TableDescription>> read_partitions(const vdisk::DiskSource& disk);

/// The two kinds by themselves.
Result<std::optional<TableDescription>> read_gpt(const vdisk::DiskSource& disk,
                                                 unsigned sector_bytes);
Result<std::optional<TableDescription>> read_msdos(const vdisk::DiskSource& disk);

}  // namespace img::inspect
