// Partitioned disks: what one is to hold, and where its partitions lie.
//
// Knows layouts and partition tables. Must never know what is in the file systems, boot loaders,
// kickstart, nor what file holds the disk.
#pragma once

#include "base/uuid.hpp"
#include "volume/file_system.hpp"

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

namespace img::disk {

using volume::FileSystem;

/// Of a sector on nearly every disk; disks whose sectors have 4096 bytes are called 4Kn.
constexpr std::uint64_t kSectorBytes = 512;

/// What a partition is for; its type follows from it unless a GPT type is given.
enum class PartitionRole { linux_data, linux_root, linux_swap, efi_system, bios_boot };

struct PartitionRecipe {
    PartitionRole role = PartitionRole::linux_data;
    FileSystem file_system = FileSystem::none;
    std::string name;                  ///< For people and the GPT: "/", "/home", "swap".
    std::uint64_t size_bytes = 0;      ///< Rounded up to whole MiB by the layout.
    bool grow = false;                 ///< Shares what is left of the disk.
    std::uint64_t max_size_bytes = 0;  ///< For a growing one; 0: no bound.
    std::uint64_t align_bytes = 0;     ///< Of its start; 0: 1 MiB.
    std::string label;                 ///< Of the file system.
    std::string fs_uuid;               ///< ext, btrfs, xfs, swap: a UUID; vfat: "ABCD-1234".
    Uuid partition_uuid;               ///< GPT's unique partition GUID.
    std::string type_guid;             ///< Of a GPT, overrides role; empty: by role.
    bool legacy_boot = false;  ///< What a BIOS boots from: GPT's mark, the active one of msdos.
    bool primary = false;      ///< Of msdos: never a logical one.
    std::vector<std::string> mkfs_options;  ///< Further arguments of mkfs, one each.
    std::filesystem::path content;          ///< Folder it is filled from; empty: stays empty.
};

/// The GUID partition table of UEFI, or the records in sector 0 that BIOSes have always known.
enum class PartitionTable { gpt, msdos };

struct DiskRecipe {
    std::string name;  ///< "sda", what `part --ondisk` calls it; empty: none was said.
    PartitionTable table = PartitionTable::gpt;
    std::uint64_t size_bytes = 0;               ///< 0: as large as the partitions need.
    std::uint64_t sector_bytes = kSectorBytes;  ///< 512 or 4096.
    Uuid disk_uuid;
    std::vector<PartitionRecipe> partitions;
    std::int64_t epoch = 0;  ///< SOURCE_DATE_EPOCH: every time stamp that mkfs writes, seconds.
    /// The file system that holds /boot/grub/grub.cfg, as an index into partitions; where to find
    /// it is built into both GRUB cores. Empty: no boot loader.
    std::optional<std::size_t> boot_partition;
    std::string grub_folder =
        "/boot/grub";  ///< Its path inside that file system ("/grub" where /boot is of its own).
    /// An msdos disk with a boot loader starts on a BIOS too: GRUB's core then lies between sector
    /// 0 and the first partition. On a GPT disk a BIOS boot partition says the same.
    bool boots_from_gap = false;
};

}  // namespace img::disk
