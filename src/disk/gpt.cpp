#include "disk/gpt.hpp"

#include "base/byte_order.hpp"
#include "base/crc32.hpp"
#include "base/utf16.hpp"
#include "base/uuid.hpp"

#include <algorithm>
#include <fmt/format.h>

namespace img::disk {
namespace {

constexpr std::size_t kEntryBytes = 128;
constexpr std::size_t kEntries = 128;
constexpr std::size_t kHeaderBytes = 92;
constexpr std::size_t kNameUnits = 36;

/// What fits into an entry, without half a surrogate pair at its end.
std::u16string name_units(std::string_view name) {
    const std::u16string units = utf16(name);
    std::size_t end = std::min(units.size(), kNameUnits);
    if (end > 0 && end < units.size() && (units[end - 1] & 0xfc00) == 0xd800) {
        --end;
    }
    return units.substr(0, end);
}

void put_guid(std::string& bytes, std::size_t at, const Uuid& uuid) {
    const auto raw = guid_bytes(uuid);
    std::ranges::copy(raw, bytes.begin() + static_cast<std::ptrdiff_t>(at));
}

// Attribute bit 2, "Legacy BIOS Bootable" (UEFI 2.10, table 5.8).
constexpr std::uint64_t kLegacyBoot = 4;

std::string entry_array(std::span<const GptEntry> entries) {
    std::string bytes(kEntryBytes * kEntries, '\0');
    std::size_t at = 0;
    for (const GptEntry& entry : entries) {
        put_guid(bytes, at, entry.type);
        put_guid(bytes, at + 16, entry.unique);
        put_le(bytes, at + 32, entry.first_sector);
        put_le(bytes, at + 40, entry.last_sector);
        put_le(bytes, at + 48, entry.legacy_boot ? kLegacyBoot : std::uint64_t{0});
        const std::u16string name = name_units(entry.name);
        for (std::size_t i = 0; i < name.size(); ++i) {
            put_le(bytes, at + 56 + 2 * i, static_cast<std::uint16_t>(name[i]));
        }
        at += kEntryBytes;
    }
    return bytes;
}

/// A disk in its own sectors.
struct Disk {
    Uuid uuid;
    std::uint64_t sectors = 0;
    std::uint64_t sector_bytes = 0;

    std::uint64_t entry_sectors() const { return kEntryBytes * kEntries / sector_bytes; }
};

struct HeaderPlace {
    std::uint64_t self = 0;
    std::uint64_t other = 0;
    std::uint64_t entries = 0;
};

std::string header(const Disk& disk, const HeaderPlace& place, std::string_view entries) {
    std::string bytes(disk.sector_bytes, '\0');
    bytes.replace(0, 8, "EFI PART");
    put_le(bytes, 8, std::uint32_t{0x00010000});  // revision 1.0
    put_le(bytes, 12, static_cast<std::uint32_t>(kHeaderBytes));
    put_le(bytes, 24, place.self);
    put_le(bytes, 32, place.other);
    put_le(bytes, 40, 2 + disk.entry_sectors());                 // first usable
    put_le(bytes, 48, disk.sectors - 2 - disk.entry_sectors());  // last usable
    put_guid(bytes, 56, disk.uuid);
    put_le(bytes, 72, place.entries);
    put_le(bytes, 80, static_cast<std::uint32_t>(kEntries));
    put_le(bytes, 84, static_cast<std::uint32_t>(kEntryBytes));
    put_le(bytes, 88, crc32(entries));
    put_le(bytes, 16, crc32(std::string_view(bytes).substr(0, kHeaderBytes)));
    return bytes;
}

/// One record of type 0xee over the whole disk, so that tools that know no GPT keep off
/// (UEFI 2.10, section 5.2.3).
std::string protective_mbr(const Disk& disk) {
    std::string bytes(disk.sector_bytes, '\0');
    const std::size_t record = 446;
    put_le(bytes, record + 1, std::uint32_t{0xee000200});  // CHS 0/0/2, then the type
    put_le(bytes, record + 5, std::uint32_t{0x00ffffff});  // CHS of the end: too large to say
    put_le(bytes, record + 8, std::uint32_t{1});
    put_le(bytes, record + 12,
           static_cast<std::uint32_t>(std::min<std::uint64_t>(disk.sectors - 1, 0xffffffff)));
    put_le(bytes, 510, std::uint16_t{0xaa55});
    return bytes;
}

std::string_view role_guid(PartitionRole role) {
    switch (role) {
        case PartitionRole::linux_data: return "0fc63daf-8483-4772-8e79-3d69d8477de4";
        // "Root partition (amd64)" of the Discoverable Partitions Specification.
        case PartitionRole::linux_root: return "4f68bce3-e8cd-4db1-96e7-fbcaf984b709";
        case PartitionRole::linux_swap: return "0657fd6d-a4ab-43c4-84e5-0933c84b4f4f";
        case PartitionRole::efi_system: return "c12a7328-f81f-11d2-ba4b-00a0c93ec93b";
        case PartitionRole::bios_boot: return "21686148-6449-6e6f-744e-656564454649";
    }
    return "";
}

}  // namespace

std::array<std::uint8_t, 16> guid_bytes(const Uuid& uuid) {
    auto bytes = uuid.bytes;
    std::ranges::reverse(bytes.begin(), bytes.begin() + 4);
    std::ranges::reverse(bytes.begin() + 4, bytes.begin() + 6);
    std::ranges::reverse(bytes.begin() + 6, bytes.begin() + 8);
    return bytes;
}

Result<Uuid> partition_type(const PartitionRecipe& partition) {
    auto type = parse_uuid(partition.type_guid.empty() ? role_guid(partition.role)
                                                       : std::string_view(partition.type_guid));
    if (!type) {
        return fail(Fault::invalid,
                    fmt::format("partition {}: its type {}", partition.name, type.error().message));
    }
    return *type;
}

GptTables gpt_tables(const Uuid& uuid,
                     std::uint64_t disk_sectors,
                     std::span<const GptEntry> entries,
                     std::uint64_t sector_bytes) {
    const Disk disk{.uuid = uuid, .sectors = disk_sectors, .sector_bytes = sector_bytes};
    const std::string array = entry_array(entries);
    const std::uint64_t last = disk_sectors - 1;
    return {.head = protective_mbr(disk) +
                    header(disk, {.self = 1, .other = last, .entries = 2}, array) + array,
            .tail = array +
                    header(disk, {.self = last, .other = 1, .entries = last - disk.entry_sectors()},
                           array)};
}

}  // namespace img::disk
