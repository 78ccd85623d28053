// Partition tables: read, checked, and what is wrong with them said.
#pragma once

#include "base/result.hpp"
#include "disk/disk_source.hpp"
#include "inspect/image_description.hpp"

#include <optional>

namespace img::inspect {

/// GPT with sectors of 512 or 4096 bytes, from its copy if the main one is damaged; else msdos,
/// with logical partitions. Empty: the disk has neither. An Error: it cannot be read.
Result<std::optional<TableDescription>> read_partitions(const disk::DiskSource& disk);

/// The two kinds by themselves.
Result<std::optional<TableDescription>> read_gpt(const disk::DiskSource& disk,
                                                 unsigned sector_bytes);
Result<std::optional<TableDescription>> read_msdos(const disk::DiskSource& disk);

}  // namespace img::inspect
