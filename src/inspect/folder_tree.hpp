// Files of a folder of this machine.
#pragma once

#include "inspect/file_tree.hpp"

#include <filesystem>
#include <memory>

namespace img::inspect {

std::unique_ptr<FileTree> open_folder_tree(const std::filesystem::path& root);

}  // namespace img::inspect
