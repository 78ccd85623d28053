// Reads back what an image holds: format, partitions, file systems, boot loader, kernels, system.
//
// Knows what kernels, boot loaders, their menus and installed systems look like, and puts together
// what partition/, superblock/ and filetree/ read; trusts none of it: every offset and count is
// bounded. Needs neither root nor a mount. Must never know how an image is made, kickstart, jobs;
// it never writes to what it reads.
#pragma once

#include "base/result.hpp"
#include "inspect/image_description.hpp"
#include "system/command.hpp"

#include <filesystem>

namespace img::inspect {

/// Describes an image file, compressed or not, or a folder as a tree of files. `runner` runs
/// unsquashfs where a squashfs is to be looked into. Fault::missing: there is no such file;
/// Fault::invalid: it is empty, or nothing that we know, and what it looks like; Fault::exhausted:
/// no room to unpack a compressed disk; Fault::broken: it cannot be read.
Result<ImageDescription> inspect(const std::filesystem::path& image, system::CommandRunner& runner);

}  // namespace img::inspect
