// What ubinize writes, read back.
#include "partition/ubi_reader.hpp"

#include "tests/support/run_tool.hpp"
#include "tests/support/temp_folder.hpp"
#include "vdisk/vdisk.hpp"

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

}  // namespace
}  // namespace img::partition
