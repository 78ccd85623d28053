// Files of a squashfs, read by unsquashfs.
#pragma once

#include "filetree/filetree.hpp"
#include "system/command.hpp"

#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

namespace img::filetree {

/// The squashfs that begins at `offset` of a file of this machine. unsquashfs runs for each list()
/// and read(), so the tree's own memory and offsets are never at risk; `runner` outlives it.
/// Fault::missing: there is no unsquashfs; Fault::broken: it cannot read this.
Result<std::unique_ptr<FileTree>> open_squashfs_tree(system::CommandRunner& runner,
                                                     const std::filesystem::path& file,
                                                     std::uint64_t offset);

/// One line of `unsquashfs -lln` as a node of `folder`; empty: it is the folder itself, or farther
/// down, or no such line.
std::optional<Node> squashfs_node(std::string_view line, const std::string& folder);

}  // namespace img::filetree
