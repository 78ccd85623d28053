#include "partition/partition.hpp"

#include "base/byte_size.hpp"
#include "superblock/superblock.hpp"

#include <algorithm>
#include <fmt/format.h>

namespace img::partition {
namespace {

void check_ends(TableDescription& table, std::uint64_t disk_bytes) {
    for (const auto& partition : table.partitions) {
        if (partition.end_bytes() > disk_bytes) {
            table.remarks.push_back(fmt::format("partition {} ends at {}, but the disk has only {}",
                                                partition.number, human_size(partition.end_bytes()),
                                                human_size(disk_bytes)));
        }
    }
}

void check_overlaps(TableDescription& table) {
    auto sorted = table.partitions;
    std::ranges::sort(sorted, {}, &PartitionDescription::start_bytes);
    const PartitionDescription* before = nullptr;
    for (const auto& partition : sorted) {
        if (before != nullptr && before->end_bytes() > partition.start_bytes) {
            table.remarks.push_back(fmt::format("partitions {} and {} lie on one another",
                                                before->number, partition.number));
        }
        const bool container = partition.type_name.starts_with("extended");
        if (!container && (before == nullptr || before->end_bytes() < partition.end_bytes())) {
            before = &partition;
        }
    }
}

}  // namespace

Result<std::optional<TableDescription>> read_partitions(const vdisk::DiskSource& disk) {
    auto table = TRY(read_gpt(disk, 512));
    if (!table) {
        table = TRY(read_gpt(disk, 4096));
    }
    if (!table) {
        table = TRY(read_msdos(disk));
    }
    if (table) {
        check_ends(*table, disk.size_bytes());
        if (!TRY(superblock::find_iso(
                disk))) {  // a hybrid ISO's partitions lie on its file system by intent
            check_overlaps(*table);
        }
    }
    return table;
}

}  // namespace img::partition
