#include "superblock/superblock.hpp"

#include <array>

namespace img::superblock {

SuperblockFinding find_file_system(const vdisk::DiskSource& part) {
    // A hybrid ISO may begin with anything, and an ext may keep a boot sector of FAT's shape in
    // its first KiB: the marks farther inside are the surer ones.
    constexpr std::array kReaders = {find_btrfs,    find_iso,   find_ext,   find_erofs, find_xfs,
                                     find_squashfs, find_ubifs, find_jffs2, find_swap,  find_vfat};
    for (const auto reader : kReaders) {
        auto found = TRY(reader(part));
        if (found) {
            return found;
        }
    }
    return std::nullopt;
}

}  // namespace img::superblock
