// What ubinize writes, read back.
#include "partition/ubi_reader.hpp"

#include "tests/support/run_tool.hpp"
#include "tests/support/temp_folder.hpp"
#include "vdisk/vdisk.hpp"

#include <fmt/format.h>
#include <gtest/gtest.h>

namespace img::partition {
namespace {

using testing::run_tool;

TEST(ReadUbi, TellsTheVolumesOfAnImageOfUbinize) {
    const testing::TempFolder folder;
    folder.write("tree/etc/hostname", "box\n");
    const auto tree = (folder.path() / "tree").string();
    const auto volume = (folder.path() / "u.img").string();
    const auto image = (folder.path() / "ubi.img").string();
    run_tool({"mkfs.ubifs", "-m", "2048", "-e", "126976", "-c", "50", "-x", "zlib", "-r", tree,
              "-o", volume});
    const auto list = folder.write("ubi.ini", "[one]\nmode=ubi\nimage=" + volume +
                                                  "\nvol_id=3\nvol_type=dynamic\nvol_name=rootfs\n"
                                                  "vol_flags=autoresize\n");
    run_tool({"ubinize", "-o", image, "-m", "2048", "-p", "128KiB", "-Q", "77", list.string()});
    const auto ubi =
        read_ubi(*vdisk::open_disk(image, vdisk::DiskFormat::raw).value()).value().value();
    EXPECT_EQ(ubi.image.details,
              "eraseblocks of 128.0 KiB, of which 126976 bytes are data; headers at 0 and 2048; "
              "image sequence number 77");
    ASSERT_EQ(ubi.volumes.size(), 1u);
    EXPECT_EQ(ubi.volumes[0].id, 3u);
    EXPECT_EQ(ubi.volumes[0].name, "rootfs");
    EXPECT_TRUE(ubi.volumes[0].growing);
    EXPECT_FALSE(ubi.volumes[0].fixed);
    EXPECT_EQ(ubi.volumes[0].size_bytes % 126976, 0u);
    ASSERT_TRUE(ubi.volumes[0].file_system.has_value());
    EXPECT_EQ(ubi.volumes[0].file_system->kind, "ubifs");
    EXPECT_TRUE(ubi.volumes[0].file_system->details.starts_with("zlib, "));
    EXPECT_TRUE(ubi.remarks.empty());
}

TEST(ReadUbi, SaysWhereAnImageWasCutShort) {
    const testing::TempFolder folder;
    folder.write("tree/etc/hostname", "box\n");
    const auto path = [&](const char* name) { return (folder.path() / name).string(); };
    run_tool({"mkfs.ubifs", "-m", "2048", "-e", "126976", "-c", "50", "-r", path("tree"), "-o",
              path("u.img")});
    folder.write("s.bin", std::string(500'000, 's'));  // 4 eraseblocks
    const auto list = folder.write(
        "ubi.ini", "[one]\nmode=ubi\nimage=" + path("u.img") +
                       "\nvol_id=0\nvol_type=dynamic\nvol_size=20MiB\nvol_name=rootfs\n"
                       "[two]\nmode=ubi\nimage=" +
                       path("s.bin") + "\nvol_id=1\nvol_type=static\nvol_name=fixed\n");
    run_tool({"ubinize", "-o", path("ubi.img"), "-m", "2048", "-p", "128KiB", list.string()});
    const auto remarks = [&] {
        return read_ubi(*vdisk::open_disk(path("ubi.img"), vdisk::DiskFormat::raw).value())
            .value()
            .value()
            .remarks;
    };
    const auto whole = std::filesystem::file_size(path("ubi.img"));
    const auto blocks = whole / 131072 - 2 - 4;  // without the table's and those of volume 1
    EXPECT_TRUE(remarks().empty());
    std::filesystem::resize_file(path("ubi.img"), whole - 131072);
    EXPECT_EQ(remarks(), std::vector<std::string>{
                             "volume 1 (fixed) needs 4 eraseblocks, and 3 are there: the image was "
                             "cut short"});
    std::filesystem::resize_file(path("ubi.img"), 5 * 131072);
    EXPECT_EQ(remarks().at(0),
              fmt::format("volume 0 (rootfs) needs {} eraseblocks, and 3 are there: the image was "
                          "cut short",
                          blocks));
    EXPECT_EQ(remarks().size(), 1u);  // of volume 1 nothing is left to say how large it was
}

}  // namespace
}  // namespace img::partition
