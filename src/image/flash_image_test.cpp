// The types nand and jffs2, made by the real tools from small trees.
#include "base/byte_order.hpp"
#include "base/byte_size.hpp"
#include "image/image_type.hpp"
#include "system/process_runner.hpp"
#include "tests/support/temp_folder.hpp"

#include <gtest/gtest.h>

namespace img::image {
namespace {

namespace fs = std::filesystem;

class FlashImage : public ::testing::Test {
protected:
    void SetUp() override {
        folder_.write("tree/etc/hostname", "box\n");
        folder_.write("home/anna/letter", "Dear Ben\n");
        fs::create_directories(folder_.path() / "scratch");
        fs::create_directories(folder_.path() / "out");
        recipe_.name = "box";
        recipe_.seed = "seed";
        recipe_.epoch = 1700000000;
        recipe_.tree = folder_.path() / "tree";
        recipe_.kernel_arguments = "console=ttyS0";
        recipe_.flash = FlashTarget{volume::find_flash_profile("slc-2k").value().geometry, "zlib"};
        recipe_.disks.emplace_back();
        add("rootfs", recipe_.tree, 16 * kMiB, false);
        add("home", folder_.path() / "home", 4 * kMiB, true);
    }

    void add(std::string label, fs::path content, std::uint64_t bytes, bool grow) {
        disk::PartitionRecipe part;
        part.file_system = volume::FileSystem::ubifs;
        part.label = std::move(label);
        part.fs_uuid = uuid_from(part.label).text();
        part.size_bytes = bytes;
        part.grow = grow;
        part.content = std::move(content);
        recipe_.disks.front().partitions.push_back(std::move(part));
    }
    Result<ImageReport> make(std::string_view type) {
        const Workshop workshop{
            .runner = runner_, .scratch = folder_.path() / "scratch", .out = out()};
        return find_image_type(type).value().make(workshop, recipe_);
    }
    fs::path out() const { return folder_.path() / "out"; }
    void expect_nothing_left() const {
        EXPECT_TRUE(fs::is_empty(out()));
        EXPECT_TRUE(fs::is_empty(folder_.path() / "scratch"));
    }

    testing::TempFolder folder_;
    system::ProcessRunner runner_;
    ImageRecipe recipe_;
};

TEST_F(FlashImage, IsEraseBlocksWithTheHeadersOfUbi) {
    const auto report = make("nand");
    ASSERT_TRUE(report) << report.error().message;
    ASSERT_EQ(report->files.size(), 2u);
    EXPECT_EQ(report->files[0].name, "box.ubi");
    const std::string bytes = testing::read_file(out() / "box.ubi");
    EXPECT_EQ(bytes.size() % (128 * kKiB), 0u);
    EXPECT_EQ(report->written_bytes, bytes.size());
    const auto sequence = get_be<std::uint32_t>(bytes, 24);
    EXPECT_NE(sequence, 0u);
    for (std::size_t at = 0; at < bytes.size(); at += 128 * kKiB) {
        EXPECT_EQ(bytes.substr(at, 4), "UBI#");
        EXPECT_EQ(get_be<std::uint32_t>(bytes, at + 16), 512u);   // VID header
        EXPECT_EQ(get_be<std::uint32_t>(bytes, at + 20), 2048u);  // data
        EXPECT_EQ(get_be<std::uint32_t>(bytes, at + 24), sequence);
        EXPECT_EQ(bytes.substr(at + 512, 4), "UBI!");
    }
    EXPECT_EQ(testing::read_file(out() / "box-cmdline.txt"),
              "ubi.mtd=rootfs,512 root=ubi0:rootfs rootfstype=ubifs rw console=ttyS0\n");
    EXPECT_TRUE(fs::is_empty(folder_.path() / "scratch"));
}

TEST_F(FlashImage, IsTheSameBytesEachTimeAsNand) {
    ASSERT_TRUE(make("nand"));
    const std::string first = testing::read_file(out() / "box.ubi");
    ASSERT_TRUE(make("nand"));
    EXPECT_TRUE(first == testing::read_file(out() / "box.ubi"));
    recipe_.seed = "another";
    ASSERT_TRUE(make("nand"));
    EXPECT_FALSE(first == testing::read_file(out() / "box.ubi"));
}

TEST_F(FlashImage, RefusesVolumesThatTheChipCannotHold) {
    recipe_.disks.front().partitions[0].size_bytes = 140 * kMiB;
    const auto report = make("nand");
    ASSERT_FALSE(report);
    EXPECT_EQ(report.error().fault, Fault::invalid);
    EXPECT_TRUE(report.error().message.contains("too little")) << report.error().message;
    expect_nothing_left();
}

TEST_F(FlashImage, LeavesNothingWhereAToolFails) {
    recipe_.disks.front().partitions[1].mkfs_options = {"--no-such-option"};
    const auto report = make("nand");
    ASSERT_FALSE(report);
    EXPECT_EQ(report.error().fault, Fault::broken);
    expect_nothing_left();
}

TEST_F(FlashImage, IsOneJffs2AndTheLineThatBootsIt) {
    recipe_.disks.clear();
    const auto report = make("jffs2");
    ASSERT_TRUE(report) << report.error().message;
    const std::string bytes = testing::read_file(out() / "box.jffs2");
    EXPECT_EQ(get_le<std::uint16_t>(bytes, 0), 0x1985u);
    EXPECT_EQ(testing::read_file(out() / "box-cmdline.txt"),
              "root=mtd:rootfs rootfstype=jffs2 rw console=ttyS0\n");
}

TEST_F(FlashImage, RefusesAJffs2ThatCannotBe) {
    recipe_.flash->compressor = "zstd";
    EXPECT_EQ(make("jffs2").error().message,
              "jffs2 knows no zstd: say nand --compressor=zlib, lzo or none");
    recipe_.flash->compressor = "lzo";
    recipe_.root.size_bytes = 129 * kMiB;
    EXPECT_EQ(make("jffs2").error().message,
              "the root file system of 129.0 MiB is larger than the chip of 128.0 MiB: make it "
              "smaller, or say nand --blocks");
    expect_nothing_left();
}

}  // namespace
}  // namespace img::image
