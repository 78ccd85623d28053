#include "disk/mbr.hpp"

#include "base/byte_order.hpp"
#include "base/byte_size.hpp"
#include "system/process_runner.hpp"
#include "tests/support/temp_folder.hpp"

#include <fmt/format.h>
#include <gtest/gtest.h>
#include <map>
#include <rapidcheck/gtest.h>

namespace img::disk {
namespace {

PartitionRecipe part(FileSystem kind, std::uint64_t mib) {
    PartitionRecipe recipe;
    recipe.file_system = kind;
    recipe.name = "/";
    recipe.size_bytes = mib * kMiB;
    return recipe;
}

/// Six partitions: three primary, three logical.
DiskRecipe six() {
    DiskRecipe recipe;
    recipe.table = PartitionTable::msdos;
    recipe.disk_uuid = parse_uuid("89abcdef-0123-4567-89ab-cdef01234567").value();
    recipe.partitions = {part(FileSystem::vfat, 64), part(FileSystem::vfat, 8),
                         part(FileSystem::ext4, 10), part(FileSystem::swap, 4),
                         part(FileSystem::xfs, 20),  part(FileSystem::none, 2)};
    recipe.partitions[0].role = PartitionRole::efi_system;
    recipe.partitions[2].legacy_boot = true;
    return recipe;
}

/// The tables of a disk on a disk that is empty but for them.
class MbrFile {
public:
    explicit MbrFile(const DiskRecipe& recipe) : recipe_(recipe) {
        layout_ = lay_out(recipe).value();
        const auto entries = mbr_entries(recipe, layout_).value();
        file_ = folder_.write("disk", "");
        std::filesystem::resize_file(file_, layout_.size_bytes);
        std::fstream out(file_, std::ios::in | std::ios::out | std::ios::binary);
        for (const auto& [sector, bytes] :
             mbr_tables(recipe.disk_uuid, entries, recipe.sector_bytes)) {
            out.seekp(static_cast<std::streamoff>(sector * recipe.sector_bytes));
            out << bytes;
        }
    }

    std::string said(std::vector<std::string> argv) const {
        argv.push_back(file_);
        system::ProcessRunner runner;
        const auto output = runner.run({.argv = std::move(argv), .captured = true});
        return output ? *output : output.error().message;
    }
    const DiskLayout& layout() const { return layout_; }

private:
    DiskRecipe recipe_;
    DiskLayout layout_;
    testing::TempFolder folder_;
    std::filesystem::path file_;
};

TEST(Mbr, IsFoundWithoutAFaultBySfdisk) {
    const MbrFile disk(six());
    const std::string said = disk.said({"sfdisk", "--verify"});
    EXPECT_NE(said.find("No errors detected."), std::string::npos) << said;
}

TEST(Mbr, SaysToSfdiskWhereEveryPartitionIs) {
    const MbrFile disk(six());
    const std::string said = disk.said({"sfdisk", "--dump"});
    EXPECT_NE(said.find("label-id: 0x89abcdef\n"), std::string::npos) << said;
    // Numbers, sectors, types: 64 MiB from 1 MiB on, and so forth; a MiB before 5, 6 and 7.
    for (const char* line : {"1 : start=        2048, size=      131072, type=ef\n",
                             "2 : start=      133120, size=       16384, type=e\n",
                             "3 : start=      149504, size=       20480, type=83, bootable\n",
                             "4 : start=      169984, size=       59392, type=f\n",
                             "5 : start=      172032, size=        8192, type=82\n",
                             "6 : start=      182272, size=       40960, type=83\n",
                             "7 : start=      225280, size=        4096, type=83\n"}) {
        EXPECT_NE(said.find(line), std::string::npos) << line << said;
    }
}

TEST(Mbr, IsListedByFdiskWithoutAWarning) {
    const MbrFile disk(six());
    const std::string said = disk.said({"fdisk", "-l"});
    EXPECT_NE(said.find("Disklabel type: dos"), std::string::npos) << said;
    EXPECT_NE(said.find("W95 Ext'd (LBA)"), std::string::npos) << said;
    EXPECT_EQ(said.find("does not start on"), std::string::npos) << said;
}

TEST(Mbr, GivesAFatOfEverySizeItsType) {
    auto recipe = six();
    recipe.partitions[1].size_bytes = 36 * kMiB;
    const auto entries = mbr_entries(recipe, lay_out(recipe).value()).value();
    EXPECT_EQ(entries[1].type, 0x0c) << "FAT32 has room";
    recipe.sector_bytes = 4096;
    EXPECT_EQ(mbr_entries(recipe, lay_out(recipe).value()).value()[1].type, 0x0e);
}

TEST(Mbr, IsReadByFdiskInSectorsOfFourKibibytes) {
    auto recipe = six();
    recipe.sector_bytes = 4096;
    const std::string said =
        MbrFile(recipe).said({"fdisk", "-b", "4096", "-o", "Start,Sectors,Id", "-l"});
    EXPECT_NE(said.find("Start Sectors Id\n"
                        "  256   16384 ef\n"
                        "16640    2048  e\n"
                        "18688    2560 83\n"
                        "21248    7424  f\n"
                        "21504    1024 82\n"
                        "22784    5120 83\n"
                        "28160     512 83\n"),
              std::string::npos)
        << said;
}

// Cylinders, heads and all: the third partition ends, and the others lie, beyond what those can
// say.
TEST(Mbr, HasTheBytesThatSfdiskWritesForTheSameDisk) {
    auto recipe = six();
    recipe.partitions[2].size_bytes = 20 * kGiB;
    const MbrFile ours(recipe);
    const testing::TempFolder folder;
    const auto theirs = folder.write("disk", "");
    std::filesystem::resize_file(theirs, ours.layout().size_bytes);
    system::ProcessRunner runner;
    const auto written = runner.run(
        {.argv = {"sfdisk", "--quiet", theirs}, .input = ours.said({"sfdisk", "--dump"})});
    ASSERT_TRUE(written) << written.error().message;
    const auto tables = mbr_tables(recipe.disk_uuid, mbr_entries(recipe, ours.layout()).value());
    std::ifstream in(theirs, std::ios::binary);
    for (const auto& [sector, bytes] : tables) {
        std::string read(512, '\0');
        in.seekg(static_cast<std::streamoff>(sector * 512));
        in.read(read.data(), 512);
        EXPECT_TRUE(read.substr(440) == bytes.substr(440)) << "sector " << sector;
    }
}

TEST(Mbr, LeavesRoomForBootCode) {
    const DiskRecipe recipe = six();
    const auto tables =
        mbr_tables(recipe.disk_uuid, mbr_entries(recipe, lay_out(recipe).value()).value());
    EXPECT_EQ(tables[0].bytes.substr(0, 440), std::string(440, '\0'));
}

TEST(Mbr, IsActiveWhereABiosShallStart) {
    const auto active = [](const DiskRecipe& recipe) {
        unsigned number = 0;
        const auto entries = mbr_entries(recipe, lay_out(recipe).value()).value();
        for (const auto& entry : entries) {
            EXPECT_TRUE(!entry.active || number == 0) << "a second one";
            number = entry.active ? entry.number : number;
        }
        return number;
    };
    DiskRecipe recipe = six();
    EXPECT_EQ(active(recipe), 3u);
    recipe.partitions[2].legacy_boot = false;
    EXPECT_EQ(active(recipe), 0u) << "nothing starts from it";
    recipe.boot_partition = 1;
    EXPECT_EQ(active(recipe), 0u) << "UEFI does";
    recipe.boots_from_gap = true;
    EXPECT_EQ(active(recipe), 2u);
    recipe.boot_partition = 4;
    EXPECT_EQ(active(recipe), 1u) << "a logical one cannot be";
}

TEST(Mbr, RefusesWhatOnlyAGptHolds) {
    DiskRecipe recipe = six();
    recipe.partitions[4].name = "/home";
    recipe.partitions[4].type_guid = "933ac7e1-2eb4-4f13-b844-0e14e2aef915";
    EXPECT_EQ(check_msdos(recipe).error().message,
              "partition /home: the type 933ac7e1-2eb4-4f13-b844-0e14e2aef915 is one of GPT, which "
              "an msdos partition table cannot hold: leave it out, or use gpt");
    recipe = six();
    recipe.partitions[5].role = PartitionRole::bios_boot;
    EXPECT_FALSE(check_msdos(recipe));
    recipe = six();
    recipe.partitions[1].legacy_boot = true;
    EXPECT_EQ(check_msdos(recipe).error().message,
              "partitions / and / are both active, and a BIOS starts one: choose");
}

TEST(Mbr, NamesDisksAndPartitionsAsLinuxDoes) {
    const Uuid disk = parse_uuid("89abcdef-0123-4567-89ab-cdef01234567").value();
    EXPECT_EQ(msdos_partition_id(disk, 12), "89abcdef-0c");
    EXPECT_EQ(disk_signature({}), 1u) << "0 would be none";
}

/// What is in the records of a sector, by its index: type, start and count.
struct Found {
    unsigned type = 0;
    std::uint64_t start = 0;
    std::uint64_t count = 0;
};
Found record(const std::string& bytes, std::size_t index) {
    const std::size_t at = 446 + 16 * index;
    return {.type = get_le<std::uint8_t>(bytes, at + 4),
            .start = get_le<std::uint32_t>(bytes, at + 8),
            .count = get_le<std::uint32_t>(bytes, at + 12)};
}

RC_GTEST_PROP(MbrProperty, ChainsEveryLogicalPartitionInsideTheExtendedOne, ()) {
    DiskRecipe recipe;
    recipe.table = PartitionTable::msdos;
    recipe.sector_bytes = *rc::gen::element<std::uint64_t>(512, 4096);
    const auto count = *rc::gen::inRange<std::size_t>(5, 60);
    for (std::size_t i = 0; i < count; ++i) {
        recipe.partitions.push_back(
            part(FileSystem::ext4, *rc::gen::inRange<std::uint64_t>(1, 30000)));
        recipe.partitions.back().align_bytes = *rc::gen::element<std::uint64_t>(0, 4096, 7 * kMiB);
    }
    const DiskLayout layout = lay_out(recipe).value();
    const auto tables = mbr_tables({}, mbr_entries(recipe, layout).value(), recipe.sector_bytes);
    std::map<std::uint64_t, std::string> sectors;
    for (const MbrSector& one : tables) {
        RC_ASSERT(one.bytes.size() == recipe.sector_bytes);
        sectors[one.sector] = one.bytes;
    }

    // As Linux reads them: block/partitions/msdos.c, parse_extended.
    const Found extended = record(sectors.at(0), 3);
    RC_ASSERT(extended.type == 0x0fu);
    RC_ASSERT(extended.start + extended.count == layout.partitions.back().end());
    std::uint64_t at = extended.start;
    for (std::size_t i = 3; i < count; ++i) {
        const std::string& ebr = sectors.at(at);
        const Found logical = record(ebr, 0);
        RC_ASSERT(logical.type == 0x83u);
        RC_ASSERT(at + logical.start == layout.partitions[i].start);
        RC_ASSERT(logical.count == layout.partitions[i].count);
        const Found next = record(ebr, 1);
        RC_ASSERT(next.type == (i + 1 < count ? 0x05u : 0u));
        if (next.type != 0) {
            at = extended.start + next.start;
            RC_ASSERT(at >= layout.partitions[i].end());
            RC_ASSERT(at + next.count == layout.partitions[i + 1].end());
        }
    }
}

}  // namespace
}  // namespace img::disk
