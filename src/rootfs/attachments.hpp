// Files of the tree that a kickstart wants to lie beside the image: %attachment.
#pragma once

#include "base/result.hpp"
#include "kickstart/document.hpp"

#include <filesystem>
#include <vector>

namespace img::tree {
class Tree;
}

namespace img::rootfs {

/// The regular files that paths (with * ? [ ] as globs) and packages stand for, in that order, each
/// once. Fault::invalid: a path that fits no file, a package that is not installed, or two files
/// of one name, which cannot lie in one folder.
Result<std::vector<std::filesystem::path>> attached_files(
    const tree::Tree& tree, const std::vector<kickstart::Attachment>& attachments);

}  // namespace img::rootfs
