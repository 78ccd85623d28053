// What a tree of files holds for booting: kernels, initial ram disks, menus, EFI programs; and
// images in files, which want to be looked into themselves.
#pragma once

#include "filetree/filetree.hpp"
#include "inspect/image_description.hpp"

#include <string>
#include <string_view>
#include <vector>

namespace img::inspect {

/// Adds what is found to `image`, as of the volume `place`.
void survey_tree(const filetree::FileTree& tree, const std::string& place, ImageDescription& image);

/// Files that hold a file system of their own: "live/filesystem.squashfs", "boot/grub/efi.img".
std::vector<std::string> images_in(const filetree::FileTree& tree);

/// Whether survey_tree() reads files of that path, which has no slash at its beginning.
bool is_boot_file(std::string_view path);

}  // namespace img::inspect
