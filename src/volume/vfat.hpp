// FAT: mkfs.vfat makes it, mtools fill it, in sorted order and with one time for everything.
#pragma once

#include "base/result.hpp"
#include "system/command.hpp"
#include "volume/volume.hpp"

#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

namespace img::volume {

/// From how many bytes on there is room for FAT32: 65525 clusters of a sector, and the tables. 36
/// MiB with sectors of 512 bytes.
constexpr std::uint64_t fat32_from(std::uint64_t sector_bytes) {
    return 72 * 1024 * sector_bytes;
}

/// FAT32 where there is room for it, as UEFI wants it; below that mkfs.vfat picks what fits.
system::Command mkfs_vfat(const Volume& volume, const std::filesystem::path& file);

/// mmd for the folders, then an mcopy for each folder's files. Every time stamp becomes the epoch.
/// Fault::invalid names the first thing that FAT cannot hold: a symbolic link, a device, a name
/// with one of "*:<>?|\ or control characters, two names that differ in case only, a file of
/// 4 GiB or more; and folders with [ or ], which mtools read as patterns.
Result<std::vector<system::Command>> fill_vfat(const Volume& volume,
                                               const std::filesystem::path& file);

/// Copies one more file to `target` ("EFI/BOOT/BOOTX64.EFI"), over what may be there.
Result<void> add_to_vfat(system::CommandRunner& runner,
                         const Volume& volume,
                         const std::filesystem::path& file,
                         const std::filesystem::path& source,
                         const std::string& target);

/// Fault::invalid: a label over 11 bytes, not ASCII or with a character FAT forbids; a uuid that
/// is not "ABCD-1234".
Result<void> check_vfat(const Volume& volume);

/// A volume id that follows from `seed`, as blkid writes it: "ABCD-1234".
std::string vfat_id(std::string_view seed);

/// Creates the sparse file, runs mkfs_vfat and fill_vfat on it.
Result<void> make_vfat(system::CommandRunner& runner,
                       const Volume& volume,
                       const std::filesystem::path& file);

}  // namespace img::volume
