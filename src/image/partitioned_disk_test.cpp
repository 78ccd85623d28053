#include "image/partitioned_disk.hpp"

#include "base/byte_size.hpp"
#include "system/process_runner.hpp"
#include "tests/support/temp_folder.hpp"

#include <fmt/format.h>
#include <gtest/gtest.h>

namespace img::image {
namespace {

namespace fs = std::filesystem;

disk::DiskRecipe recipe(const fs::path& tree) {
    disk::DiskRecipe disk;
    disk.disk_uuid = uuid_from("disk");
    disk.epoch = 1700000000;
    disk.size_bytes = 128 * kMiB;
    const auto add = [&](disk::PartitionRole role, volume::FileSystem kind, const char* name,
                         std::uint64_t mib) {
        disk::PartitionRecipe partition;
        partition.role = role;
        partition.file_system = kind;
        partition.name = name;
        partition.size_bytes = mib * kMiB;
        partition.fs_uuid = kind == volume::FileSystem::vfat
                                ? "ABCD-1234"
                                : uuid_from(std::string("fs") + name).text();
        partition.partition_uuid = uuid_from(name);
        disk.partitions.push_back(partition);
    };
    add(disk::PartitionRole::bios_boot, volume::FileSystem::none, "bios", 1);
    add(disk::PartitionRole::efi_system, volume::FileSystem::vfat, "/boot/efi", 40);
    add(disk::PartitionRole::linux_swap, volume::FileSystem::swap, "swap", 8);
    add(disk::PartitionRole::linux_root, volume::FileSystem::ext4, "/", 32);
    disk.partitions.back().grow = true;
    disk.partitions.back().content = tree;
    disk.boot_partition = 3;
    return disk;
}

class PartitionedDisk : public ::testing::Test {
protected:
    void SetUp() override {
        folder_.write("tree/boot/grub/grub.cfg", "echo hello\n");
        folder_.write("tree/usr/big", std::string(3 * kMiB, 'x'));
        fs::create_directory(folder_.path() / "scratch");
        disk_ = recipe(folder_.path() / "tree");
    }

    Result<DiskReport> write() {
        return write_partitioned_disk(runner_, disk_, folder_.path() / "scratch", image());
    }
    fs::path image() const { return folder_.path() / "image.raw"; }
    std::string said(std::vector<std::string> argv) {
        const auto output = runner_.run({.argv = std::move(argv), .captured = true});
        return output ? *output : output.error().message;
    }

    testing::TempFolder folder_;
    system::ProcessRunner runner_;
    disk::DiskRecipe disk_;
};

TEST_F(PartitionedDisk, HasEveryPartitionInItsPlace) {
    const auto report = write();
    ASSERT_TRUE(report) << report.error().message;
    EXPECT_EQ(fs::file_size(image()), 128 * kMiB);
    EXPECT_LT(report->written_bytes, 16 * kMiB);
    EXPECT_TRUE(report->warnings.empty());
    EXPECT_TRUE(fs::is_empty(folder_.path() / "scratch"));
    const std::string verified = said({"sgdisk", "--verify", image()});
    EXPECT_NE(verified.find("No problems found."), std::string::npos) << verified;
    for (const auto& [index, type] : {std::pair{1, "vfat"}, {2, "swap"}, {3, "ext4"}}) {
        const std::uint64_t at =
            report->layout.partitions[static_cast<std::size_t>(index)].start_bytes();
        EXPECT_EQ(
            said({"blkid", "-p", "-O", std::to_string(at), "-o", "value", "-s", "TYPE", image()}),
            fmt::format("{}\n", type));
    }
}

TEST_F(PartitionedDisk, HasBootCodeForBothFirmwares) {
    const auto report = write();
    ASSERT_TRUE(report) << report.error().message;
    const std::string bytes = testing::read_file(image());
    EXPECT_EQ(bytes.substr(0x5c, 8), std::string("\0\x08\0\0\0\0\0\0", 8));  // sector 2048
    EXPECT_EQ(bytes.substr(510, 2), "\x55\xaa");
    EXPECT_EQ(bytes.substr(kMiB + 0x1f4, 2), "\x01\x08");  // core: its rest is at 2049
    const std::string efi = folder_.path() / "copied.efi";
    const std::string at =
        fmt::format("{}@@{}", image().string(), report->layout.partitions[1].start_bytes());
    EXPECT_EQ(said({"mcopy", "-i", at, "::/EFI/BOOT/BOOTX64.EFI", efi}), "");
    const std::string binary = testing::read_file(efi);
    EXPECT_EQ(binary.substr(0, 2), "MZ");
    EXPECT_NE(binary.find(disk_.partitions[3].fs_uuid), std::string::npos);
}

TEST_F(PartitionedDisk, AddsItsLoaderToAnEspThatHasContent) {
    folder_.write("esp/EFI/vendor/note", "note\n");
    disk_.partitions[1].content = folder_.path() / "esp";
    const auto report = write();
    ASSERT_TRUE(report) << report.error().message;
    const std::string at =
        fmt::format("{}@@{}", image().string(), report->layout.partitions[1].start_bytes());
    EXPECT_EQ(said({"mtype", "-i", at, "::/EFI/vendor/note"}), "note\n");
    const std::string listed = said({"mdir", "-i", at, "-b", "::/EFI/BOOT"});
    EXPECT_NE(listed.find("BOOTX64.EFI"), std::string::npos) << listed;
}

TEST_F(PartitionedDisk, IsTheSameBytesEachTime) {
    ASSERT_TRUE(write());
    const std::string first = testing::read_file(image());
    ASSERT_TRUE(write());
    EXPECT_TRUE(first == testing::read_file(image()));
    disk_.disk_uuid = uuid_from("another");
    ASSERT_TRUE(write());
    EXPECT_FALSE(first == testing::read_file(image()));
}

TEST_F(PartitionedDisk, LeavesNothingBehindWhereItFails) {
    folder_.write("tree/usr/bigger", std::string(100 * kMiB, 'x'));
    const auto report = write();
    ASSERT_FALSE(report);
    EXPECT_EQ(report.error().fault, Fault::invalid);
    EXPECT_NE(report.error().message.find("is too small for its content by"), std::string::npos);
    EXPECT_FALSE(fs::exists(image()));
    EXPECT_TRUE(fs::is_empty(folder_.path() / "scratch"));
}

TEST_F(PartitionedDisk, LeavesNothingBehindWhereAToolFails) {
    disk_.partitions[3].mkfs_options = {"-O", "no_such_feature"};
    const auto report = write();
    ASSERT_FALSE(report);
    EXPECT_EQ(report.error().fault, Fault::broken);
    EXPECT_NE(report.error().message.find("no_such_feature"), std::string::npos)
        << report.error().message;
    EXPECT_FALSE(fs::exists(image()));
    EXPECT_TRUE(fs::is_empty(folder_.path() / "scratch"));
}

TEST_F(PartitionedDisk, TellsHowFarItIs) {
    std::vector<std::string> steps;
    std::uint64_t last = 0;
    const auto report =
        write_partitioned_disk(runner_, disk_, folder_.path() / "scratch", image(),
                               [&](std::uint64_t done, std::uint64_t total, std::string_view text) {
                                   EXPECT_GE(done, last);
                                   EXPECT_LE(done, total);
                                   last = done;
                                   steps.emplace_back(text);
                               });
    ASSERT_TRUE(report);
    EXPECT_GT(last, 3 * kMiB);
    EXPECT_EQ(steps, (std::vector<std::string>{"making vfat for /boot/efi", "making swap for swap",
                                               "making ext4 for /", "disk written"}));
}

/// The same disk, with an msdos table and its swap, root and two more behind as logical ones.
void make_msdos(disk::DiskRecipe& disk) {
    disk.table = disk::PartitionTable::msdos;
    disk.partitions.erase(disk.partitions.begin());
    for (const char* name : {"/srv", "/opt"}) {
        disk.partitions.push_back(disk.partitions.back());
        disk::PartitionRecipe& added = disk.partitions.back();
        added.name = name;
        added.role = disk::PartitionRole::linux_data;
        added.fs_uuid = uuid_from(name).text();
        added.size_bytes = 8 * kMiB;
        added.grow = false;
        added.content.clear();
    }
    disk.boot_partition = 2;
    disk.boots_from_gap = true;
}

TEST_F(PartitionedDisk, HasBootCodeBetweenItsMsdosTableAndItsPartitions) {
    make_msdos(disk_);
    const auto report = write();
    ASSERT_TRUE(report) << report.error().message;
    const std::string verified = said({"sfdisk", "--verify", image()});
    EXPECT_NE(verified.find("No errors detected."), std::string::npos) << verified;
    EXPECT_EQ(report->layout.numbers, (std::vector<unsigned>{1, 2, 3, 5, 6}));
    for (const auto& [index, type] : {std::pair{0U, "vfat"}, {2U, "ext4"}, {4U, "ext4"}}) {
        const std::uint64_t at = report->layout.partitions[index].start_bytes();
        EXPECT_EQ(
            said({"blkid", "-p", "-O", std::to_string(at), "-o", "value", "-s", "TYPE", image()}),
            fmt::format("{}\n", type));
    }
    const std::string bytes = testing::read_file(image());
    EXPECT_EQ(bytes.substr(0x5c, 8), std::string("\1\0\0\0\0\0\0\0", 8)) << "core: sector 1";
    EXPECT_EQ(bytes.substr(512 + 0x1f4, 2), std::string("\2\0", 2)) << "and its rest";
    EXPECT_EQ(bytes[446 + 2 * 16], '\x80') << "the boot partition is active";
    const std::string efi =
        fmt::format("{}@@{}", image().string(), report->layout.partitions[0].start_bytes());
    EXPECT_NE(said({"mdir", "-b", "-i", efi, "::/EFI/BOOT"}).find("BOOTX64.EFI"),
              std::string::npos);
}

TEST_F(PartitionedDisk, StartsFromAnEspOnLargeSectors) {
    disk_.sector_bytes = 4096;
    EXPECT_NE(write().error().message.find("a BIOS reads sectors of 512 bytes"), std::string::npos);
    disk_.partitions.erase(disk_.partitions.begin());
    disk_.boot_partition = 2;
    const auto report = write();
    ASSERT_TRUE(report) << report.error().message;
    const std::string listed = said({"fdisk", "-b", "4096", "-l", image()});
    EXPECT_NE(listed.find("Disklabel type: gpt"), std::string::npos) << listed;
    EXPECT_EQ(listed.find("corrupt"), std::string::npos) << listed;
    const std::string efi = fmt::format("{}@@{}", image().string(), kMiB);
    EXPECT_NE(said({"mdir", "-b", "-i", efi, "::/EFI/BOOT"}).find("BOOTX64.EFI"),
              std::string::npos);
}

TEST(DiskName, IsThatOfAFile) {
    const ImageRecipe recipe{.name = "demo"};
    disk::DiskRecipe disk;
    EXPECT_EQ(disk_name(recipe, disk), "demo");
    disk.name = "sdb";
    EXPECT_EQ(disk_name(recipe, disk), "demo-sdb");
    disk.name = "cciss/c0d0";
    EXPECT_EQ(disk_name(recipe, disk), "demo-cciss!c0d0");
}

TEST(DiskPlan, WantsAPlaceForTheBootLoaderOnAnMsdosDisk) {
    disk::DiskRecipe disk = recipe({});
    make_msdos(disk);
    EXPECT_EQ(plan_disk(disk).value().bios_core->start, 1u);
    EXPECT_EQ(plan_disk(disk).value().bios_core->end(), 2048u);
    disk.boots_from_gap = false;
    EXPECT_FALSE(plan_disk(disk).value().bios_core) << "UEFI does";
    disk.partitions[0].role = disk::PartitionRole::linux_data;
    EXPECT_NE(plan_disk(disk).error().message.find("no place for a boot loader"),
              std::string::npos);
    disk.boots_from_gap = true;
    disk.partitions[0].type_guid = "933ac7e1-2eb4-4f13-b844-0e14e2aef915";
    EXPECT_NE(plan_disk(disk).error().message.find("one of GPT"), std::string::npos);
}

TEST(DiskPlan, RefusesABootPartitionThatCannotBe) {
    disk::DiskRecipe disk = recipe({});
    EXPECT_TRUE(plan_disk(disk));
    disk.boot_partition = 2;
    EXPECT_EQ(plan_disk(disk).error().message, "partition swap holds no file system to boot from");
    disk.boot_partition = 4;
    EXPECT_EQ(plan_disk(disk).error().message, "the boot partition is number 5 of 4");
    disk = recipe({});
    disk.partitions[0].role = disk::PartitionRole::linux_data;
    EXPECT_TRUE(plan_disk(disk));
    disk.partitions[1].role = disk::PartitionRole::linux_data;
    EXPECT_NE(plan_disk(disk).error().message.find("no place for a boot loader"),
              std::string::npos);
}

TEST(DiskPlan, ChecksEveryPartitionBeforeAnyWork) {
    disk::DiskRecipe disk = recipe({});
    disk.partitions[3].label = "seventeen-letters";
    EXPECT_EQ(plan_disk(disk).error().fault, Fault::invalid);
    disk = recipe({});
    disk.partitions[3].type_guid = "linux";
    EXPECT_EQ(plan_disk(disk).error().fault, Fault::invalid);
    disk = recipe({});
    disk.size_bytes = 64 * kMiB;
    EXPECT_EQ(plan_disk(disk).error().fault, Fault::invalid);
}

}  // namespace
}  // namespace img::image
