// Files of a folder of this machine.
#pragma once

#include "filetree/filetree.hpp"

#include <filesystem>
#include <memory>

namespace img::filetree {

std::unique_ptr<FileTree> open_folder_tree(const std::filesystem::path& root);

}  // namespace img::filetree
