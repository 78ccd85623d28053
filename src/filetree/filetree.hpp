// Files inside an image: listed and read without mounting anything.
//
// Knows the trees of ext, FAT, ISO 9660, squashfs, tar, cpio and of a plain folder, from the
// reader's side; all of them may come from strangers. Must never know what the files are for.
#pragma once

#include "base/result.hpp"
#include "vdisk/disk_source.hpp"

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace img::filetree {

enum class NodeKind { file, folder, other };

struct Node {
    std::string name{};
    NodeKind kind = NodeKind::other;
    std::uint64_t size_bytes = 0;  ///< Of a file.
};

/// Names in a folder beyond this are left out: no folder that we look into has so many.
constexpr std::size_t kNodesMax = 4096;

/// Paths are relative to the root, parted by "/", as "boot/grub/grub.cfg"; "" is the root. Links
/// are not followed.
class FileTree {
public:
    virtual ~FileTree() = default;

    /// Sorted by name, at most kNodesMax. Fault::missing: there is no such folder; Fault::broken:
    /// it cannot be read.
    virtual Result<std::vector<Node>> list(const std::string& folder) const = 0;

    /// At most `bytes_max` bytes from the file's beginning. Fault::missing: there is no such
    /// regular file; Fault::broken: it cannot be read.
    virtual Result<std::string> read(const std::string& file, std::size_t bytes_max) const = 0;

    /// Where the file's bytes stand, in one piece, in the source that the tree was opened on.
    /// Empty: they are in pieces, or the tree cannot tell.
    virtual Result<std::optional<vdisk::Extent>> place(const std::string& file) const;
};

/// Each of these opens what its superblock reader has recognized; `part` outlives the tree.
/// Fault::broken: what is there contradicts itself.
Result<std::unique_ptr<FileTree>> open_ext_tree(const vdisk::DiskSource& part);
Result<std::unique_ptr<FileTree>> open_vfat_tree(const vdisk::DiskSource& part);
Result<std::unique_ptr<FileTree>> open_iso_tree(const vdisk::DiskSource& part);

}  // namespace img::filetree
