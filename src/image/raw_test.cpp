#include "base/byte_size.hpp"
#include "base/digest.hpp"
#include "image/types.hpp"
#include "system/process_runner.hpp"
#include "tests/support/temp_folder.hpp"

#include <gtest/gtest.h>

namespace img::image {
namespace {

namespace fs = std::filesystem;

disk::DiskRecipe data_disk(const std::string& name) {
    disk::DiskRecipe disk;
    disk.name = name;
    disk.disk_uuid = uuid_from(name);
    disk.epoch = 1700000000;
    disk::PartitionRecipe swap;
    swap.role = disk::PartitionRole::linux_swap;
    swap.file_system = volume::FileSystem::swap;
    swap.name = "swap";
    swap.size_bytes = kMiB;
    swap.fs_uuid = uuid_from(name + " swap").text();
    disk.partitions.push_back(swap);
    return disk;
}

class Raw : public ::testing::Test {
protected:
    void SetUp() override {
        fs::create_directory(out());
        fs::create_directory(scratch());
        recipe_.name = "demo";
        recipe_.disks = {data_disk("sda"), data_disk("sdb")};
    }

    Result<ImageReport> make() {
        return make_raw({.runner = runner_, .scratch = scratch(), .out = out()}, recipe_);
    }
    fs::path out() const { return folder_.path() / "out"; }
    fs::path scratch() const { return folder_.path() / "scratch"; }

    testing::TempFolder folder_;
    system::ProcessRunner runner_;
    ImageRecipe recipe_;
};

TEST_F(Raw, IsAFileForEachDisk) {
    recipe_.disks[1].table = disk::PartitionTable::msdos;
    const auto report = make();
    ASSERT_TRUE(report) << report.error().message;
    ASSERT_EQ(report->files.size(), 2u);
    EXPECT_EQ(report->files[0].name, "demo-sda.raw");
    EXPECT_EQ(report->files[1].name, "demo-sdb.raw");
    EXPECT_EQ(fs::file_size(out() / "demo-sda.raw"), 3 * kMiB);
    EXPECT_EQ(fs::file_size(out() / "demo-sdb.raw"), 2 * kMiB);
}

TEST_F(Raw, HasADescriptionForVirtImageBesideItWhereOneIsAskedFor) {
    recipe_.options.virt_xml = true;
    const auto report = make();
    ASSERT_TRUE(report) << report.error().message;
    ASSERT_EQ(report->files.size(), 3u);
    EXPECT_EQ(report->files[2].name, "demo.xml");
    const std::string xml = testing::read_file(out() / "demo.xml");
    EXPECT_NE(xml.find("<disk file='demo-sdb.raw' use='system' format='raw'>\n"
                       "      <checksum type='sha256'>" +
                       sha256_file(out() / "demo-sdb.raw").value() + "</checksum>"),
              std::string::npos)
        << xml;
}

TEST_F(Raw, LeavesNothingBehindWhereTheSecondDiskFails) {
    recipe_.disks[1].partitions[0].size_bytes = 0;
    const auto report = make();
    ASSERT_FALSE(report);
    EXPECT_EQ(report.error().message, "partition swap has no size");
    EXPECT_TRUE(fs::is_empty(out()));
    EXPECT_TRUE(fs::is_empty(scratch()));
}

}  // namespace
}  // namespace img::image
