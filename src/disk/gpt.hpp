// The GUID partition table as bytes: protective MBR, header, entries, and their copy at the end.
#pragma once

#include "base/result.hpp"
#include "base/uuid.hpp"
#include "disk/disk.hpp"

#include <array>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>

namespace img::disk {

struct GptEntry {
    Uuid type;
    Uuid unique;
    std::uint64_t first_sector = 0;
    std::uint64_t last_sector = 0;  ///< The last one inside.
    bool legacy_boot = false;       ///< Attribute bit 2: a BIOS boots from it.
    std::string name{};             ///< UTF-8; what exceeds 36 UTF-16 units is cut off.
};

/// Written at the very beginning and the very end of a disk. The first 440 bytes of `head` are
/// zero: boot code may be laid over them.
struct GptTables {
    std::string head;  ///< Two sectors and 16 KiB: MBR, header, entries.
    std::string tail;  ///< 16 KiB and a sector: entries, header.
};

/// A pure function of its arguments (UEFI 2.10, section 5). At most 128 entries, and sectors of
/// 512 or 4096 bytes, which lay_out() has seen to.
GptTables gpt_tables(const Uuid& disk,
                     std::uint64_t disk_sectors,
                     std::span<const GptEntry> entries,
                     std::uint64_t sector_bytes = kSectorBytes);

/// The first three groups of a GUID are stored little-endian, the rest as written.
std::array<std::uint8_t, 16> guid_bytes(const Uuid& uuid);

/// The GPT type of a partition: its own type_guid, or its role's. Fault::invalid: no GUID.
Result<Uuid> partition_type(const PartitionRecipe& partition);

}  // namespace img::disk
