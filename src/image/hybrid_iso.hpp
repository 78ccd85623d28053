// An ISO 9660 file system that starts from CD and, written to a stick as it is, from there too.
#pragma once

#include "base/result.hpp"
#include "base/uuid.hpp"
#include "system/command.hpp"

#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>

namespace img::image {

struct HybridIso {
    std::filesystem::path content;   ///< Folder, which boot_image and the catalogue lie in.
    std::string volume_id;           ///< See check_volume_id().
    std::int64_t epoch = 0;          ///< Every date in it, seconds.
    Uuid disk_uuid;                  ///< Of its GPT.
    std::string boot_image;          ///< GRUB's for El Torito, as a path in `content`.
    std::filesystem::path mbr_code;  ///< GRUB's boot_hybrid.img.
    std::filesystem::path efi;       ///< A FAT file system with EFI/BOOT/BOOTX64.EFI.
};

/// Fault::invalid: empty, over the 32 bytes of ECMA-119 (8.4.9), or with a character that is no
/// letter, digit, "_", "-" or "." of ASCII: these need no escaping below /dev/disk/by-label.
Result<void> check_volume_id(std::string_view text);

/// What a name makes a volume id: cut to 32 bytes, every forbidden character a "-".
std::string volume_id_of(std::string_view name);

/// The xorriso command that makes it. The file system is there twice, at sector 0 and as the first
/// partition (32 KiB further, so that it can be mounted by itself); the FAT is the second
/// partition, and the second entry of El Torito's catalogue.
///
///     | MBR code, GPT | ISO 9660 with boot image … | FAT for UEFI | GPT again |
system::Command xorriso(const HybridIso& iso, const std::filesystem::path& file);

}  // namespace img::image
