// One file system, to be made in a file of its own and filled from a folder.
//
// Knows file systems and the tools that make them, without mounts or root. Must never know disks,
// boot loaders, kickstart.
#pragma once

#include "base/result.hpp"
#include "system/command.hpp"
#include "volume/file_system.hpp"
#include "volume/flash_geometry.hpp"

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace img::volume {

struct Volume {
    FileSystem kind = FileSystem::ext4;
    std::string name{};                    ///< For messages: "/", "/home".
    std::uint64_t size_bytes = 0;          ///< Of the file; a multiple of 4 KiB. squashfs: or 0.
    std::string label{};                   ///< Empty: none.
    std::string uuid{};                    ///< vfat: "ABCD-1234".
    std::int64_t epoch = 0;                ///< Time stamps, in seconds; no file is younger.
    std::uint64_t inodes = 0;              ///< Of the content; see measure().
    std::vector<std::string> options{};    ///< Further arguments of mkfs.
    std::string compressor{};              ///< Of squashfs, erofs: "xz"; empty: its usual one.
    std::filesystem::path content{};       ///< Empty: the file system stays empty.
    std::uint64_t sector_bytes = 512;      ///< Of the disk that it will lie on; or 4096.
    std::optional<FlashGeometry> flash{};  ///< Of ubifs and jffs2: the chip they are for.
};

/// Fault::invalid: the label is over `bytes_max`, or holds control characters.
Result<void> check_label(const Volume& volume, std::string_view kind, std::size_t bytes_max);

/// What the program that makes the volume is told of the clock, of chance and of the content, so
/// that the same volume is the same bytes; its random ids follow from its uuid.
system::Steady steady(const Volume& volume);

/// Fault::invalid: the volume's uuid is no UUID.
Result<void> check_uuid(const Volume& volume);

}  // namespace img::volume
