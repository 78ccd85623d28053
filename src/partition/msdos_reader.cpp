// The msdos partition table: four records in the first sector, and a chain of logical partitions.
#include "base/byte_order.hpp"
#include "partition/partition.hpp"
#include "partition/partition_types.hpp"
#include "superblock/vfat_geometry.hpp"
#include "vdisk/source_part.hpp"

#include <array>
#include <fmt/format.h>

namespace img::partition {
namespace {

constexpr std::uint64_t kSector = 512;
constexpr std::size_t kFirstRecord = 446;
constexpr std::size_t kRecordBytes = 16;
constexpr unsigned kLogicalMax = 128;  // the kernel's own bound is 256 partitions a disk

struct Record {
    std::uint8_t status = 0;
    std::uint8_t type = 0;
    std::uint64_t start = 0;  ///< In sectors, as is the size.
    std::uint64_t size = 0;

    bool used() const { return type != 0 && size != 0; }
};

using Records = std::array<Record, 4>;

Record record_at(std::string_view sector, std::size_t at) {
    return {.status = get_le<std::uint8_t>(sector, at),
            .type = get_le<std::uint8_t>(sector, at + 4),
            .start = get_le<std::uint32_t>(sector, at + 8),
            .size = get_le<std::uint32_t>(sector, at + 12)};
}

/// Empty: the sector does not end in 55 AA, or a record has a status that none has.
std::optional<Records> records_of(std::string_view sector) {
    if (get_le<std::uint16_t>(sector, 510) != 0xaa55) {
        return std::nullopt;
    }
    Records records;
    for (std::size_t i = 0; i < records.size(); ++i) {
        records.at(i) = record_at(sector, kFirstRecord + i * kRecordBytes);
        if ((records.at(i).status & 0x7f) != 0) {
            return std::nullopt;
        }
    }
    return records;
}

PartitionDescription partition_of(const Record& record, unsigned number, std::uint32_t disk_id) {
    return {.number = number,
            .start_bytes = record.start * kSector,
            .size_bytes = record.size * kSector,
            .type = fmt::format("{:#04x}", record.type),
            .type_name = std::string(msdos_type_name(record.type)),
            .name = {},
            .uuid = fmt::format("{:08x}-{:02x}", disk_id, number),
            .flags = (record.status & 0x80) != 0 ? std::vector<std::string>{"active"}
                                                 : std::vector<std::string>{}};
}

/// Each link of the chain holds one logical partition, counted from the link, and the next link,
/// counted from the beginning of the extended partition. A link may only lie behind the one
/// before, so no chain goes round.
Result<void> read_logical(const vdisk::DiskSource& disk,
                          const Record& extended,
                          std::uint32_t disk_id,
                          TableDescription& table) {
    std::uint64_t link = extended.start;
    for (unsigned number = 5; number < 5 + kLogicalMax; ++number) {
        const auto sector = TRY(vdisk::read_bytes(disk, link * kSector, kSector));
        auto records = records_of(sector);
        if (!records) {
            table.remarks.push_back(fmt::format(
                "the chain of logical partitions is broken before partition {}", number));
            return {};
        }
        Record& logical = records->at(0);
        const Record& next = records->at(1);
        if (logical.used()) {
            logical.start += link;
            table.partitions.push_back(partition_of(logical, number, disk_id));
        }
        if (!next.used()) {
            return {};
        }
        if (extended.start + next.start <= link) {
            table.remarks.emplace_back(
                "the chain of logical partitions goes back to its beginning");
            return {};
        }
        link = extended.start + next.start;
    }
    table.remarks.push_back(
        fmt::format("only the first {} logical partitions are told", kLogicalMax));
    return {};
}

}  // namespace

Result<std::optional<TableDescription>> read_msdos(const vdisk::DiskSource& disk) {
    const auto sector = TRY(vdisk::read_bytes(disk, 0, kSector));
    const auto records = records_of(sector);
    // A FAT boot sector ends like an MBR, and so does the header of an Intel OS image profile.
    if (!records || TRY(superblock::vfat_geometry(disk)) || sector.starts_with("$OS$")) {
        return std::nullopt;
    }
    const auto id = get_le<std::uint32_t>(sector, 440);
    TableDescription table{.kind = "msdos", .id = fmt::format("0x{:08x}", id)};
    for (unsigned i = 0; i < records->size(); ++i) {
        const Record& record = records->at(i);
        if (record.used()) {
            table.partitions.push_back(partition_of(record, i + 1, id));
        }
        if (record.type == 0xee) {
            table.remarks.emplace_back("the MBR protects a GPT, but there is none");
        }
    }
    for (const auto& record : *records) {
        if (record.used() && is_extended(record.type)) {
            TRY(read_logical(disk, record, id, table));
            break;
        }
    }
    return table.partitions.empty() ? std::nullopt : std::optional(table);
}

}  // namespace img::partition
