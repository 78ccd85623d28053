// Boot loaders outside of file systems: in the first sector, and in the boot catalogue of an ISO.
#pragma once

#include "base/result.hpp"
#include "inspect/image_description.hpp"
#include "vdisk/disk_source.hpp"

#include <optional>
#include <vector>

namespace img::inspect {

/// The code in the MBR, and where its next stage stands: `table` says which partition that is in.
Result<std::vector<BootLoaderDescription>> read_boot_code(
    const vdisk::DiskSource& disk, const std::optional<partition::TableDescription>& table);

/// The entries of El Torito's boot catalogue; none: not a bootable ISO.
Result<std::vector<BootLoaderDescription>> read_el_torito(const vdisk::DiskSource& disk);

}  // namespace img::inspect
