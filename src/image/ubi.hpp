// UBI: file systems as volumes of one chip, by ubinize.
#pragma once

#include "base/result.hpp"
#include "system/command.hpp"
#include "volume/flash_geometry.hpp"

#include <cstdint>
#include <filesystem>
#include <span>
#include <string>
#include <vector>

namespace img::image {

struct UbiVolume {
    std::string name;             ///< "rootfs": what mount calls ubi0:rootfs.
    std::uint64_t lebs = 0;       ///< Logical erase blocks that are its own.
    bool grows = false;           ///< At the first attach it takes what the chip has left.
    std::filesystem::path image;  ///< The file system.
};

/// Fault::invalid: a name that ubinize's configuration cannot hold, one that is there twice, or two
/// volumes that grow.
Result<void> check_volumes(std::span<const UbiVolume> volumes);

/// Fault::invalid: the volumes have more logical erase blocks than the chip has for them; the
/// sentence says how many bytes are missing.
Result<void> check_room(const volume::FlashGeometry& chip, std::span<const UbiVolume> volumes);

/// What ubinize reads: a section for each volume, numbered from 0.
std::string ubi_config(const volume::FlashGeometry& chip, std::span<const UbiVolume> volumes);

/// `sequence` marks every erase block as one of this image; UBI refuses to attach a mixture.
system::Command ubinize(const volume::FlashGeometry& chip,
                        std::uint32_t sequence,
                        const std::filesystem::path& config,
                        const std::filesystem::path& image);

/// What a kernel needs to find its root on the chip, as one line. The MTD partition is taken to be
/// called like the root volume.
std::string ubi_boot_arguments(const volume::FlashGeometry& chip,
                               const std::string& root,
                               const std::string& more);

}  // namespace img::image
