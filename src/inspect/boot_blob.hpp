// Boot blobs of Moorestown and Medfield: a command line, a stub, a kernel and an initrd in a row.
#pragma once

#include "base/result.hpp"
#include "inspect/image_description.hpp"
#include "vdisk/disk_source.hpp"

#include <optional>

namespace img::inspect {

struct BootBlob {
    bool wrapped = false;        ///< An OSIP header stands in front.
    std::string command_line{};  ///< Of the kernel.
    KernelDescription kernel{};
    InitrdDescription initrd{};
    std::vector<std::string> remarks{};
};

/// Empty: neither an OSIP header nor a stitched blob begins there.
Result<std::optional<BootBlob>> read_boot_blob(const vdisk::DiskSource& source);

}  // namespace img::inspect
