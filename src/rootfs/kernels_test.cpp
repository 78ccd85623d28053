#include "rootfs/kernels.hpp"

#include "tests/support/temp_tree.hpp"
#include "tree/tree.hpp"

#include <gtest/gtest.h>

namespace img::rootfs {
namespace {

using tree::Tree;

// Each pair was put to `dpkg --compare-versions`.
TEST(Kernels, CompareAsDpkgDoes) {
    for (const auto& [older, newer] :
         std::vector<std::pair<std::string, std::string>>{{"6.1.0-9-amd64", "6.1.0-10-amd64"},
                                                          {"5.10.0-35-amd64", "6.1.0-1-amd64"},
                                                          {"6.2~rc1", "6.2"},
                                                          {"6.1.0-9-amd64", "6.1.0-9-cloud-amd64"},
                                                          {"6.1", "6.1.0"},
                                                          {"6.1a", "6.1+"},
                                                          {"1.0~", "1.0"},
                                                          {"1.0~~", "1.0~"}}) {
        EXPECT_LT(compare_versions(older, newer), 0) << older << " and " << newer;
        EXPECT_GT(compare_versions(newer, older), 0) << newer << " and " << older;
    }
    EXPECT_EQ(compare_versions("6.01", "6.1"), 0);
    EXPECT_EQ(compare_versions("", ""), 0);
}

TEST(Kernels, AreFoundNewestFirstEachWithItsOwnInitrd) {
    testing::TempTree temp;
    for (const char* name :
         {"vmlinuz-6.1.0-9-amd64", "initrd.img-6.1.0-9-amd64", "vmlinuz-6.1.0-10-amd64",
          "config-6.1.0-10-amd64", "vmlinuz-6.1.0-9-amd64.old", "vmlinuz-6.1.0-11.dpkg-new"}) {
        temp.put(std::string("/boot/") + name);
    }
    std::filesystem::create_symlink("/vmlinuz", temp.folder / "boot/vmlinuz-dangling");
    const auto kernels = find_kernels(Tree::open(temp.folder).value());
    EXPECT_EQ(kernels, (std::vector<Kernel>{{"6.1.0-10-amd64", "/boot/vmlinuz-6.1.0-10-amd64", ""},
                                            {"6.1.0-9-amd64", "/boot/vmlinuz-6.1.0-9-amd64",
                                             "/boot/initrd.img-6.1.0-9-amd64"}}));
}

TEST(Kernels, AreNoneInATreeWithoutBoot) {
    testing::TempTree temp;
    EXPECT_TRUE(find_kernels(Tree::open(temp.folder).value()).empty());
}

}  // namespace
}  // namespace img::rootfs
