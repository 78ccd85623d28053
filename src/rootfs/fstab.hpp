// The table of file systems that the installed system mounts at boot.
#pragma once

#include "base/result.hpp"

#include <span>
#include <string>

namespace img::tree {
class Tree;
}

namespace img::rootfs {

/// A line of fstab(5).
struct FstabEntry {
    std::string spec;         ///< "UUID=…"
    std::string mount_point;  ///< "/home"; "none" for swap.
    std::string type;         ///< "ext4"
    std::string options = "defaults";
    int dump = 0;
    int pass = 0;  ///< Order of fsck: 1 for "/", 2 for others, 0 for none.
};

/// The file's text: blanks in a field as \040, parents before what is mounted in them.
std::string fstab_file(std::span<const FstabEntry> entries);

Result<void> write_fstab(const tree::Tree& tree, std::span<const FstabEntry> entries);

}  // namespace img::rootfs
