// What a disk image is to hold, as neutral values: no kickstart, no packages.
#pragma once

#include "base/uuid.hpp"

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace img::image {

enum class FileSystem { none, ext2, ext3, ext4, vfat, btrfs, xfs, swap };

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
    }
    return "none";
}

/// What a partition is for; the GPT type follows from it unless one is given.
enum class PartitionRole { linux_data, linux_root, linux_swap, efi_system, bios_boot };

struct PartitionRecipe {
    PartitionRole role = PartitionRole::linux_data;
    FileSystem file_system = FileSystem::none;
    std::string name;                       ///< For people and the GPT: "/", "/home", "swap".
    std::uint64_t size_bytes = 0;           ///< Rounded up to whole MiB by the layout.
    bool grow = false;                      ///< Shares what is left of the disk.
    std::uint64_t max_size_bytes = 0;       ///< For a growing one; 0: no bound.
    std::uint64_t align_bytes = 0;          ///< Of its start; 0: 1 MiB.
    std::string label;                      ///< Of the file system.
    std::string fs_uuid;                    ///< ext, btrfs, xfs, swap: a UUID; vfat: "ABCD-1234".
    Uuid partition_uuid;                    ///< GPT's unique partition GUID.
    std::string type_guid;                  ///< Overrides role; empty: by role.
    bool legacy_boot = false;               ///< GPT's mark for what a BIOS boots from.
    std::vector<std::string> mkfs_options;  ///< Further arguments of mkfs, one each.
    std::filesystem::path content;          ///< Folder it is filled from; empty: stays empty.
};

struct DiskRecipe {
    std::uint64_t size_bytes = 0;  ///< 0: as large as the partitions need.
    Uuid disk_uuid;
    std::vector<PartitionRecipe> partitions;
    std::int64_t epoch = 0;  ///< SOURCE_DATE_EPOCH: every time stamp that mkfs writes, seconds.
    /// The file system that holds /boot/grub/grub.cfg, as an index into partitions; where to find
    /// it is built into both GRUB cores. Empty: no boot loader.
    std::optional<std::size_t> boot_partition;
    std::string grub_folder =
        "/boot/grub";  ///< Its path inside that file system ("/grub" where /boot is of its own).
};

/// What the menu of the installed GRUB offers.
struct BootEntry {
    std::string title{};
    std::string kernel{};     ///< Path inside the boot file system: "/boot/vmlinuz-6.1.0-1-amd64".
    std::string initrd{};     ///< May be empty.
    std::string arguments{};  ///< "root=UUID=… ro console=ttyS0"
};

struct BootMenu {
    std::vector<BootEntry> entries{};  ///< The first one is started.
    unsigned timeout = 1;              ///< Seconds.
    /// "grub.pbkdf2.…": what one has to know to change an entry, as the user root. Starting one
    /// needs none. Empty: everybody may.
    std::string password_hash{};
};

}  // namespace img::image
