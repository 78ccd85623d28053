// Tables that sgdisk and sfdisk write, against what `sfdisk --json` says of them.
#include "partition/partition.hpp"

#include "base/byte_order.hpp"
#include "base/byte_size.hpp"
#include "tests/support/memory_disk.hpp"
#include "tests/support/run_tool.hpp"
#include "tests/support/temp_folder.hpp"
#include "vdisk/vdisk.hpp"

#include <algorithm>
#include <cctype>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

namespace img::partition {
namespace {

using testing::MemoryDisk;
using testing::run_tool;

std::string lower(std::string text) {
    std::ranges::transform(text, text.begin(),
                           [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
    return text;
}

class ReadPartitions : public ::testing::Test {
protected:
    std::string disk_of(std::uint64_t size_bytes) {
        const auto file = folder_.write("disk.img", "");
        std::filesystem::resize_file(file, size_bytes);
        return file.string();
    }

    TableDescription read(const std::string& file) {
        const auto source = vdisk::open_disk(file, vdisk::DiskFormat::raw).value();
        auto table = read_partitions(*source).value();
        EXPECT_TRUE(table.has_value());
        return table.value_or(TableDescription{});
    }

    /// Each partition as sfdisk sees it: start and size in sectors, type, UUID, name.
    void expect_as_sfdisk(const TableDescription& table, std::vector<std::string> sfdisk) {
        const auto said = nlohmann::json::parse(run_tool(std::move(sfdisk)))["partitiontable"];
        ASSERT_EQ(table.partitions.size(), said["partitions"].size());
        EXPECT_EQ(table.kind, said["label"] == "gpt" ? "gpt" : "msdos");
        EXPECT_EQ(table.id, lower(said["id"]));
        for (std::size_t i = 0; i < table.partitions.size(); ++i) {
            const auto& mine = table.partitions[i];
            const auto& its = said["partitions"][i];
            EXPECT_EQ(mine.start_bytes / table.sector_bytes, its["start"]);
            EXPECT_EQ(mine.size_bytes / table.sector_bytes, its["size"]);
            EXPECT_EQ(mine.name, its.value("name", ""));
            if (table.kind == "gpt") {
                EXPECT_EQ(mine.type, lower(its["type"]));
                EXPECT_EQ(mine.uuid, lower(its["uuid"]));
            } else {
                EXPECT_EQ(std::stoul(mine.type, nullptr, 16),
                          std::stoul(its["type"].get<std::string>(), nullptr, 16));
            }
        }
    }

    testing::TempFolder folder_;
};

TEST_F(ReadPartitions, AgreesWithSfdiskOnAGpt) {
    const auto disk = disk_of(64 * kMiB);
    run_tool({"sgdisk", "-n1:2048:+2048", "-t1:ef02", "-c1:BIOS boot", "-n3:8192:+8M", "-t3:8304",
              "-c3:Wurzel \xc3\xa4\xf0\x9f\x98\x80", "-A3:set:2", "-n128:40960:+1M", disk});
    const auto table = read(disk);
    expect_as_sfdisk(table, {"sfdisk", "--json", disk});
    EXPECT_TRUE(table.remarks.empty());
    EXPECT_EQ(table.partitions[0].type_name, "BIOS boot");
    EXPECT_EQ(table.partitions[1].number, 3u);
    EXPECT_EQ(table.partitions[1].flags, std::vector<std::string>{"legacy-boot"});
    EXPECT_EQ(table.partitions[2].number, 128u);
}

/// The same table for sectors of 4096 bytes: all its numbers are sectors, so only the places of
/// headers and entries change.
std::string with_large_sectors(const std::string& table) {
    constexpr std::size_t kEntries = 128 * 128;
    const std::size_t last = table.size() / 512 - 1;
    std::string bytes((last + 1) * 4096, '\0');
    bytes.replace(4096, 512, table, 512, 512);
    bytes.replace(2 * 4096, kEntries, table, 1024, kEntries);
    bytes.replace((last - 32) * 4096, kEntries, table, (last - 32) * 512, kEntries);
    bytes.replace(last * 4096, 512, table, last * 512, 512);
    return bytes;
}

TEST_F(ReadPartitions, KnowsSectorsOf4096Bytes) {
    const auto disk = disk_of(kMiB);
    run_tool({"sgdisk", "-n1:64:+64", "-c1:data", disk});
    const auto bytes = with_large_sectors(testing::read_file(disk));
    const auto table = read_partitions(MemoryDisk(bytes)).value().value();
    EXPECT_EQ(table.sector_bytes, 4096u);
    // The header's checksum covers its 92 bytes only; the sector's length is no part of it.
    EXPECT_TRUE(table.remarks.empty()) << ::testing::PrintToString(table.remarks);
    ASSERT_EQ(table.partitions.size(), 1u);
    EXPECT_EQ(table.partitions[0].start_bytes, 64u * 4096);
    EXPECT_EQ(table.partitions[0].name, "data");
}

TEST_F(ReadPartitions, AgreesWithSfdiskOnLogicalPartitions) {
    const auto disk = disk_of(64 * kMiB);
    run_tool({"sfdisk", "--quiet", disk},
             "label: dos\nlabel-id: 0x1a2b3c4d\nsize=8MiB,type=c,bootable\nsize=4MiB,type=83\n"
             "size=4MiB,type=83\nsize=40MiB,type=5\n"
             "size=4MiB,type=83\nsize=4MiB,type=82\nsize=4MiB,type=83\n");
    const auto table = read(disk);
    expect_as_sfdisk(table, {"sfdisk", "--json", disk});
    EXPECT_TRUE(table.remarks.empty());
    EXPECT_EQ(table.partitions[0].flags, std::vector<std::string>{"active"});
    EXPECT_EQ(table.partitions.back().number, 7u);
    EXPECT_EQ(table.partitions.back().uuid, "1a2b3c4d-07");
}

/// A GPT of one partition as bytes, which a test then damages.
class DamagedGpt : public ReadPartitions {
protected:
    std::string gpt() {
        const auto disk = disk_of(kMiB);
        run_tool({"sgdisk", "-n1:64:+64", "-c1:data", disk});
        return testing::read_file(disk);
    }

    void expect_remark(std::string bytes, const std::string& remark) {
        const auto table = read_partitions(MemoryDisk(std::move(bytes))).value();
        ASSERT_TRUE(table.has_value());
        ASSERT_EQ(table->partitions.size(), 1u);
        EXPECT_EQ(table->partitions[0].name, "data");
        EXPECT_NE(std::ranges::find(table->remarks, remark), table->remarks.end())
            << ::testing::PrintToString(table->remarks);
    }
};

TEST_F(DamagedGpt, IsReadFromItsCopyAndSaidToBeDamaged) {
    auto bytes = gpt();
    bytes[512 + 60] ^= 1;  // in the disk's GUID
    expect_remark(bytes, "the main GPT header is damaged: its checksum is wrong");
    bytes.replace(512, 8, 8, '\0');
    expect_remark(bytes, "the main GPT header is missing; what is said is the copy's");
}

TEST_F(DamagedGpt, IsReadFromItsCopyWhereEntriesAreDamaged) {
    auto bytes = gpt();
    bytes[1024 + 56] = 'x';  // in the partition's name
    expect_remark(bytes, "the main GPT header is damaged: the checksum of its entries is wrong");
}

TEST_F(DamagedGpt, SaysThatTheCopyIsMissing) {
    auto bytes = gpt();
    bytes.replace(bytes.size() - 512, 8, 8, '\0');
    expect_remark(bytes, "the copy of the GPT at the disk's end is missing");
}

TEST_F(DamagedGpt, SaysThatAPartitionReachesOverTheEnd) {
    auto bytes = gpt();
    bytes.resize(48 * 1024);  // partition 1 ends at 64 KiB
    const auto table = read_partitions(MemoryDisk(std::move(bytes))).value().value();
    EXPECT_NE(std::ranges::find(table.remarks,
                                "partition 1 ends at 64.0 KiB, but the disk has only 48.0 KiB"),
              table.remarks.end())
        << ::testing::PrintToString(table.remarks);
}

TEST_F(DamagedGpt, BelievesNoCountOfEntries) {
    auto bytes = gpt();
    put_le(bytes, 512 + 80, std::uint32_t{0xffffffff});
    expect_remark(bytes, "the main GPT header is damaged: no table is where it says");
}

TEST_F(DamagedGpt, BelievesNoEntriesOfNoBytes) {
    auto bytes = gpt();
    put_le(bytes, 512 + 84, std::uint32_t{0});
    expect_remark(bytes, "the main GPT header is damaged: no table is where it says");
    bytes.replace(bytes.size() - 512, 8, 8, '\0');  // nor where there is no copy to turn to
    const auto table = read_partitions(MemoryDisk(std::move(bytes))).value().value();
    EXPECT_TRUE(table.partitions.empty());
    EXPECT_EQ(table.remarks.size(), 3u) << ::testing::PrintToString(table.remarks);
}

std::string msdos_record(std::uint8_t type, std::uint32_t start, std::uint32_t size) {
    std::string record(16, '\0');
    record[4] = static_cast<char>(type);
    put_le(record, 8, start);
    put_le(record, 12, size);
    return record;
}

TEST(ReadMsdos, LeavesAChainThatGoesRound) {
    std::string bytes(kMiB, '\0');
    bytes.replace(446, 16, msdos_record(5, 100, 1000));
    for (const std::size_t sector : {0, 100, 200}) {
        put_le(bytes, sector * 512 + 510, std::uint16_t{0xaa55});
    }
    bytes.replace(100 * 512 + 446, 32, msdos_record(0x83, 1, 10) + msdos_record(5, 100, 100));
    bytes.replace(200 * 512 + 446, 32, msdos_record(0x83, 1, 10) + msdos_record(5, 100, 100));
    const auto table = read_partitions(MemoryDisk(bytes)).value().value();
    EXPECT_EQ(table.partitions.size(), 3u);
    EXPECT_EQ(table.remarks, std::vector<std::string>{
                                 "the chain of logical partitions goes back to its beginning"});
}

TEST(ReadMsdos, SaysWhichPartitionsLieOnOneAnother) {
    std::string bytes(kMiB, '\0');
    bytes.replace(446, 32, msdos_record(0x83, 8, 100) + msdos_record(0x83, 107, 100));
    put_le(bytes, 510, std::uint16_t{0xaa55});
    const auto table = read_partitions(MemoryDisk(bytes)).value().value();
    EXPECT_EQ(table.remarks, std::vector<std::string>{"partitions 1 and 2 lie on one another"});
    EXPECT_FALSE(read_partitions(MemoryDisk(std::string(kMiB, '\0'))).value().has_value());
}

}  // namespace
}  // namespace img::partition
