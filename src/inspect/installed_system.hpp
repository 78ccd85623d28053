// The operating system that is installed in a tree of files, from the files that say so.
#pragma once

#include "filetree/filetree.hpp"
#include "inspect/image_description.hpp"

#include <optional>
#include <string_view>
#include <vector>

namespace img::inspect {

/// Empty: the tree has neither os-release nor fstab nor a database of packages.
std::optional<SystemDescription> read_system(const filetree::FileTree& tree);

/// What read_system() reads, relative to the root: whoever goes through an archive keeps these.
bool is_system_file(std::string_view path);

/// The readers of single files.
std::vector<MountDescription> read_fstab(std::string_view text);
std::vector<PackageDescription> read_dpkg_status(std::string_view text);
/// The value of `key` in os-release(5), without its quotes; empty: not there.
std::string os_release_value(std::string_view text, std::string_view key);

/// A sentence for each line of a system's fstab that names a UUID, PARTUUID or LABEL which no file
/// system or partition of the image has.
std::vector<std::string> check_mounts(const ImageDescription& image);

}  // namespace img::inspect
