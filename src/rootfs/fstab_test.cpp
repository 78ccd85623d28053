#include "rootfs/fstab.hpp"

#include "tests/support/temp_tree.hpp"
#include "tree/tree.hpp"

#include <gtest/gtest.h>
#include <vector>

namespace img::rootfs {
namespace {

using tree::Tree;

TEST(Fstab, PutsParentsBeforeWhatIsMountedInThemAndSwapLast) {
    const std::vector<FstabEntry> entries{
        {.spec = "UUID=3", .mount_point = "none", .type = "swap", .options = "sw"},
        {.spec = "UUID=2", .mount_point = "/home", .type = "ext4", .pass = 2},
        {.spec = "UUID=1", .mount_point = "/", .type = "ext4", .options = "noatime", .pass = 1}};
    EXPECT_EQ(fstab_file(entries),
              "# <file system> <mount point> <type> <options> <dump> <pass>\n"
              "UUID=1                                    /               ext4  noatime 0 1\n"
              "UUID=2                                    /home           ext4  defaults 0 2\n"
              "UUID=3                                    none            swap  sw 0 0\n");
}

TEST(Fstab, WritesBlanksInOctal) {
    const std::vector<FstabEntry> entries{
        {.spec = "LABEL=my disk", .mount_point = "/a\tb", .type = "vfat"}};
    const std::string text = fstab_file(entries);
    EXPECT_NE(text.find("LABEL=my\\040disk"), std::string::npos);
    EXPECT_NE(text.find("/a\\011b"), std::string::npos);
}

TEST(Fstab, ReplacesTheFileOfTheTree) {
    testing::TempTree temp;
    temp.put("/etc/fstab", "# UNCONFIGURED FSTAB FOR BASE SYSTEM\n");
    const std::vector<FstabEntry> entries{{.spec = "UUID=1", .mount_point = "/", .type = "xfs"}};
    ASSERT_TRUE(write_fstab(Tree::open(temp.folder).value(), entries));
    EXPECT_EQ(temp.get("/etc/fstab"), fstab_file(entries));
}

}  // namespace
}  // namespace img::rootfs
