// The file systems that volumes are made of.
#pragma once

#include <string_view>

namespace img::volume {

enum class FileSystem {
    none,
    ext2,
    ext3,
    ext4,
    vfat,
    btrfs,
    xfs,
    swap,
    squashfs,
    erofs,
    ubifs,
    jffs2
};

/// As mount(8) and fstab(5) call it.
constexpr std::string_view to_text(FileSystem kind) {
    switch (kind) {
        case FileSystem::none: return "none";
        case FileSystem::ext2: return "ext2";
        case FileSystem::ext3: return "ext3";
        case FileSystem::ext4: return "ext4";
        case FileSystem::vfat: return "vfat";
        case FileSystem::btrfs: return "btrfs";
        case FileSystem::xfs: return "xfs";
        case FileSystem::swap: return "swap";
        case FileSystem::squashfs: return "squashfs";
        case FileSystem::erofs: return "erofs";
        case FileSystem::ubifs: return "ubifs";
        case FileSystem::jffs2: return "jffs2";
    }
    return "none";
}

}  // namespace img::volume
