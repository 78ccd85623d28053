#include "partition/partition_types.hpp"

#include <algorithm>
#include <array>
#include <utility>

namespace img::partition {
namespace {

// UEFI 2.10 (table 5.7), the Discoverable Partitions Specification, and GRUB's manual.
constexpr std::array kGptTypes = {
    std::pair{"c12a7328-f81f-11d2-ba4b-00a0c93ec93b", "EFI system"},
    std::pair{"21686148-6449-6e6f-744e-656564454649", "BIOS boot"},
    std::pair{"0fc63daf-8483-4772-8e79-3d69d8477de4", "Linux data"},
    std::pair{"4f68bce3-e8cd-4db1-96e7-fbcaf984b709", "Linux root (x86-64)"},
    std::pair{"44479540-f297-41b2-9af7-d131d5f0458a", "Linux root (x86)"},
    std::pair{"69dad710-2ce4-4e3c-b16c-21a1d49abed3", "Linux root (ARM)"},
    std::pair{"b921b045-1df0-41c3-af44-4c6f280d3fae", "Linux root (ARM64)"},
    std::pair{"72ec70a6-cf74-40e6-bd49-4bda08e8f224", "Linux root (RISC-V 64)"},
    std::pair{"8484680c-9521-48c6-9c11-b0720656f69e", "Linux /usr (x86-64)"},
    std::pair{"0657fd6d-a4ab-43c4-84e5-0933c84b4f4f", "Linux swap"},
    std::pair{"933ac7e1-2eb4-4f13-b844-0e14e2aef915", "Linux /home"},
    std::pair{"3b8f8425-20e0-4f3b-907f-1a25a76f98e8", "Linux /srv"},
    std::pair{"4d21b016-b534-45c2-a9fb-5c16e091fd2d", "Linux /var"},
    std::pair{"bc13c2ff-59e6-4262-a352-b275fd6f7172", "Linux extended boot"},
    std::pair{"e6d6d379-f507-44c2-a23c-238f2a3df928", "Linux LVM"},
    std::pair{"a19d880f-05fc-4d3b-a006-743f0f84911e", "Linux RAID"},
    std::pair{"ca7d7ccb-63ed-4c53-861c-1742536059cc", "Linux LUKS"},
    std::pair{"ebd0a0a2-b9e5-4433-87c0-68b6b72699c7", "Microsoft basic data"},
    std::pair{"e3c9e316-0b5c-4db8-817d-f92df00215ae", "Microsoft reserved"},
    std::pair{"48465300-0000-11aa-aa11-00306543ecac", "Apple HFS+"},
    std::pair{"3de21764-95bd-54bd-a5c3-4abe786f38a8", "U-Boot environment"},
};

constexpr std::array kMsdosTypes = {
    std::pair{0x01, "FAT12"},          std::pair{0x04, "FAT16, below 32 MiB"},
    std::pair{0x05, "extended"},       std::pair{0x06, "FAT16"},
    std::pair{0x07, "NTFS or exFAT"},  std::pair{0x0b, "FAT32"},
    std::pair{0x0c, "FAT32, LBA"},     std::pair{0x0e, "FAT16, LBA"},
    std::pair{0x0f, "extended, LBA"},  std::pair{0x17, "hidden, as hybrid ISOs use it"},
    std::pair{0x82, "Linux swap"},     std::pair{0x83, "Linux"},
    std::pair{0x85, "Linux extended"}, std::pair{0x8e, "Linux LVM"},
    std::pair{0xcd, "an ISO's data"},  std::pair{0xda, "no file system"},
    std::pair{0xee, "protects a GPT"}, std::pair{0xef, "EFI system"},
    std::pair{0xfd, "Linux RAID"},
};

}  // namespace

std::string_view gpt_type_name(std::string_view guid) {
    const auto found = std::ranges::find_if(
        kGptTypes, [guid](const auto& type) { return std::string_view(type.first) == guid; });
    return found == kGptTypes.end() ? std::string_view() : found->second;
}

std::string_view msdos_type_name(std::uint8_t type) {
    const auto found =
        std::ranges::find_if(kMsdosTypes, [type](const auto& row) { return row.first == type; });
    return found == kMsdosTypes.end() ? std::string_view() : found->second;
}

bool is_extended(std::uint8_t type) {
    return type == 0x05 || type == 0x0f || type == 0x85;
}

}  // namespace img::partition
