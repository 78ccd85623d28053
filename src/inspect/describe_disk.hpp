// Describes what is on a disk, or in any other bytes that stand by themselves.
#pragma once

#include "base/result.hpp"
#include "filetree/filetree.hpp"
#include "inspect/image_description.hpp"
#include "system/command.hpp"
#include "vdisk/disk_source.hpp"

#include <filesystem>

namespace img::inspect {

/// What the readers may use beside the source itself.
struct Tools {
    system::CommandRunner* runner = nullptr;  ///< None: nothing is run.
    /// A file in which the source's bytes stand as they are, for tools that open it themselves;
    /// empty: there is none, as where the disk is inside a qcow2.
    std::filesystem::path plain_file{};
};

/// Adds table, volumes, boot loaders and what is in the files. Fault::invalid: there is nothing in
/// it that we know; Fault::broken: the source cannot be read. What is damaged farther inside ends
/// up in the description's remarks.
Result<void> describe_disk(const vdisk::DiskSource& source,
                           const Tools& tools,
                           ImageDescription& image);

/// What the files of an opened tree tell, without images that are inside of it.
void describe_files(const filetree::FileTree& tree,
                    const std::string& place,
                    ImageDescription& image);

}  // namespace img::inspect
