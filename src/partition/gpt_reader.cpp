// The GUID partition table: header and entries, their checksums, and their copy at the end.
#include "base/byte_fields.hpp"
#include "base/byte_order.hpp"
#include "base/crc32.hpp"
#include "base/utf16.hpp"
#include "disk/gpt.hpp"
#include "partition/partition.hpp"
#include "partition/partition_types.hpp"
#include "vdisk/source_part.hpp"

#include <algorithm>
#include <bit>
#include <fmt/format.h>

namespace img::partition {
namespace {

// UEFI 2.10, section 5.3. Tools write 128 entries of 128 bytes; 1024 is what the kernel takes.
constexpr std::size_t kHeaderBytes = 92;
constexpr std::size_t kEntryBytesMin = 128;
constexpr std::size_t kEntryBytesMax = 4096;
constexpr std::size_t kEntriesMax = 1024;
constexpr std::size_t kNameUnits = 36;
constexpr std::uint64_t kSectorsMax = std::uint64_t{1} << 50;

/// One of the two headers, with the entries that it points to.
struct GptCopy {
    Uuid disk{};
    std::uint64_t self = 0;
    std::uint64_t other = 0;
    std::size_t entry_bytes = kEntryBytesMin;  ///< never 0, whatever the header says
    std::string entries{};                     ///< a whole number of them
    std::vector<std::string> faults{};         ///< "its checksum is wrong"

    bool sound() const { return faults.empty(); }
};

/// In the mixed byte order of GUIDs; guid_bytes() is its own inverse.
Uuid guid_at(std::string_view bytes, std::size_t at) {
    return Uuid{disk::guid_bytes(uuid_at(bytes, at))};
}

bool header_checks(std::string_view sector) {
    const auto size = get_le<std::uint32_t>(sector, 12);
    if (size < kHeaderBytes || size > sector.size()) {
        return false;
    }
    std::string header(sector.substr(0, size));
    put_le(header, 16, std::uint32_t{0});  // where the checksum itself stands
    return get_le<std::uint32_t>(sector, 16) == crc32(header);
}

/// Empty: no GPT header in that sector.
Result<std::optional<GptCopy>> read_copy(const vdisk::DiskSource& disk,
                                         std::uint64_t at_sector,
                                         unsigned sector_bytes) {
    const auto sector = TRY(vdisk::read_bytes(disk, at_sector * sector_bytes, sector_bytes));
    if (!sector.starts_with("EFI PART")) {
        return std::nullopt;
    }
    GptCopy copy{.disk = guid_at(sector, 56),
                 .self = get_le<std::uint64_t>(sector, 24),
                 .other = get_le<std::uint64_t>(sector, 32)};
    if (!header_checks(sector)) {
        copy.faults.emplace_back("its checksum is wrong");
    }
    if (copy.self != at_sector) {
        copy.faults.push_back(
            fmt::format("it says that it stands in sector {}, not {}", copy.self, at_sector));
    }
    const std::uint64_t count = get_le<std::uint32_t>(sector, 80);
    const std::size_t entry_bytes = get_le<std::uint32_t>(sector, 84);
    const auto place = get_le<std::uint64_t>(sector, 72);
    if (count > kEntriesMax || !std::has_single_bit(entry_bytes) || entry_bytes < kEntryBytesMin ||
        entry_bytes > kEntryBytesMax || place > disk.size_bytes() / sector_bytes) {
        copy.faults.emplace_back("no table is where it says");
        return copy;
    }
    copy.entry_bytes = entry_bytes;
    copy.entries = TRY(vdisk::read_bytes(disk, place * sector_bytes, count * copy.entry_bytes));
    if (crc32(copy.entries) != get_le<std::uint32_t>(sector, 88)) {
        copy.faults.emplace_back("the checksum of its entries is wrong");
    }
    return copy;
}

std::string name_at(std::string_view entry) {
    std::u16string units;
    for (std::size_t i = 0; i < kNameUnits; ++i) {
        const auto unit = get_le<std::uint16_t>(entry, 56 + 2 * i);
        if (unit == 0) {
            break;
        }
        units += static_cast<char16_t>(unit);
    }
    return utf8(units);
}

/// UEFI 2.10, table 5.8, and the upper bits as the Discoverable Partitions Specification has them.
std::vector<std::string> flags_of(std::uint64_t attributes) {
    constexpr std::pair<unsigned, const char*> kFlags[] = {
        {0, "required"},   {1, "no-block-io"}, {2, "legacy-boot"}, {59, "grow-file-system"},
        {60, "read-only"}, {62, "hidden"},     {63, "no-auto"},
    };
    std::vector<std::string> flags;
    for (const auto& [bit, name] : kFlags) {
        if ((attributes >> bit & 1) != 0) {
            flags.emplace_back(name);
        }
    }
    return flags;
}

std::optional<PartitionDescription> partition_of(std::string_view entry, unsigned sector_bytes) {
    const auto type = guid_at(entry, 0);
    const auto first = get_le<std::uint64_t>(entry, 32);
    const auto last = get_le<std::uint64_t>(entry, 40);
    if (type == Uuid{} || last < first || last >= kSectorsMax) {
        return std::nullopt;
    }
    const auto type_text = type.text();
    return PartitionDescription{.start_bytes = first * sector_bytes,
                                .size_bytes = (last - first + 1) * sector_bytes,
                                .type = type_text,
                                .type_name = std::string(gpt_type_name(type_text)),
                                .name = name_at(entry),
                                .uuid = guid_at(entry, 16).text(),
                                .flags = flags_of(get_le<std::uint64_t>(entry, 48))};
}

std::vector<PartitionDescription> partitions_of(const GptCopy& copy, unsigned sector_bytes) {
    std::vector<PartitionDescription> partitions;
    for (std::size_t at = 0; at + copy.entry_bytes <= copy.entries.size(); at += copy.entry_bytes) {
        const auto entry = std::string_view(copy.entries).substr(at, copy.entry_bytes);
        if (auto partition = partition_of(entry, sector_bytes)) {
            partition->number = static_cast<unsigned>(at / copy.entry_bytes) + 1;
            partitions.push_back(*std::move(partition));
        }
    }
    return partitions;
}

void note_faults(TableDescription& table, std::string_view which, const GptCopy& copy) {
    for (const auto& fault : copy.faults) {
        table.remarks.push_back(fmt::format("the {} GPT header is damaged: {}", which, fault));
    }
}

/// What is to be said of the two copies; either may be missing.
void note_copies(TableDescription& table,
                 const std::optional<GptCopy>& main,
                 const std::optional<GptCopy>& second) {
    if (!main) {
        table.remarks.emplace_back("the main GPT header is missing; what is said is the copy's");
    } else {
        note_faults(table, "main", *main);
    }
    if (!second) {
        table.remarks.emplace_back("the copy of the GPT at the disk's end is missing");
    } else {
        note_faults(table, "second", *second);
    }
    if (main && second && main->sound() && second->sound() && main->entries != second->entries) {
        table.remarks.emplace_back("the two copies of the GPT do not agree");
    }
}

/// The second header: in the last sector, or where the main one says.
Result<std::optional<GptCopy>> read_second(const vdisk::DiskSource& disk,
                                           const std::optional<GptCopy>& main,
                                           unsigned sector_bytes) {
    const std::uint64_t sectors = disk.size_bytes() / sector_bytes;
    const bool told = main && main->sound() && main->other < sectors;
    return read_copy(disk, told ? main->other : sectors - 1, sector_bytes);
}

}  // namespace

Result<std::optional<TableDescription>> read_gpt(const vdisk::DiskSource& disk,
                                                 unsigned sector_bytes) {
    // The smallest that can hold a header in front, one at the end, and something between.
    if (disk.size_bytes() < std::uint64_t{4} * sector_bytes) {
        return std::nullopt;
    }
    const auto main = TRY(read_copy(disk, 1, sector_bytes));
    const auto second = TRY(read_second(disk, main, sector_bytes));
    const auto& best = main && (main->sound() || !second || !second->sound()) ? main : second;
    if (!best || (!main && !second->sound())) {
        return std::nullopt;
    }
    TableDescription table{.kind = "gpt",
                           .id = best->disk.text(),
                           .sector_bytes = sector_bytes,
                           .partitions = partitions_of(*best, sector_bytes)};
    note_copies(table, main, second);
    return table;
}

}  // namespace img::partition
