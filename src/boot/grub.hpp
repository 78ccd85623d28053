// GRUB 2 on a disk without grub-install: making its cores, patching boot code, writing the menu.
#pragma once

#include "base/result.hpp"
#include "boot/boot.hpp"
#include "system/command.hpp"

#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>

namespace img::boot {

enum class Firmware {
    bios,
    uefi,
    bios_cd  ///< A BIOS that starts from a CD, by El Torito without emulation.
};

/// Where the packages grub-pc-bin and grub-efi-amd64-bin put GRUB's parts.
std::filesystem::path grub_parts(Firmware firmware);

/// What a core does first: it looks for the file system with this UUID among all disks, then loads
/// <grub_folder>/grub.cfg from it.
std::string grub_search_config(std::string_view fs_uuid, std::string_view grub_folder);

/// As grub_search_config(), for what has no UUID to rely on, such as a CD: the core looks for the
/// file system that holds `marker`, a path that no other one has.
std::string grub_marker_config(std::string_view marker, std::string_view grub_folder);

/// Every module that a menu of ours needs is built in, so the boot file system needs no GRUB
/// files beside grub.cfg. `config` holds grub_search_config() or grub_marker_config(). For bios_cd
/// the core is a whole boot image, which whoever writes the CD tells where it lies (xorriso
/// --grub2-boot-info).
system::Command grub_mkimage(Firmware firmware,
                             const std::string& grub_folder,
                             const std::filesystem::path& config,
                             const std::filesystem::path& core);

/// The 440 bytes for sector 0, made from boot.img: told where core.img starts, and to take the
/// drive's number from the BIOS as it is. Fault::broken: not a boot sector of GRUB 2.
Result<std::string> boot_sector(std::string_view boot_img, std::uint64_t core_sector);

/// core.img for its place on the disk, whole sectors long: its first sector is told where the rest
/// lies. Fault::broken: too short to be one; Fault::invalid: larger than `room_bytes`.
Result<std::string> placed_core(std::string core_img,
                                std::uint64_t core_sector,
                                std::uint64_t room_bytes);

/// grub.cfg: the first entry starts after the timeout. On BIOS machines the menu is on the first
/// serial port too; UEFI's own console reaches the serial port where the firmware says so. Titles,
/// paths and arguments are quoted: nothing in them is ever read as GRUB's language.
std::string grub_config(const BootMenu& menu);

}  // namespace img::boot
