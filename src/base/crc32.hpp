// Checksums of 32 bits, as the formats of disks and flash use them.
#pragma once

#include <cstdint>
#include <string_view>

namespace img {

/// CRC-32 as GPT, gzip and Ethernet use it (polynomial 0xedb88320, reflected). `before` continues
/// that of the bytes in front.
std::uint32_t crc32(std::string_view bytes, std::uint32_t before = 0);

/// CRC-32C (Castagnoli, polynomial 0x82f63b78, reflected), as VHDX, ext4 and btrfs use it.
std::uint32_t crc32c(std::string_view bytes, std::uint32_t before = 0);

}  // namespace img
