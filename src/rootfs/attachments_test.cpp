#include "rootfs/attachments.hpp"

#include "tests/support/temp_folder.hpp"
#include "tree/tree.hpp"

#include <gtest/gtest.h>

namespace img::rootfs {
namespace {

using tree::Tree;

namespace fs = std::filesystem;

class Attachments : public ::testing::Test {
protected:
    Result<std::vector<fs::path>> find(const std::vector<std::string>& texts) const {
        std::vector<kickstart::Attachment> attachments;
        for (const auto& text : texts) {
            attachments.push_back({.text = text, .where = {"a.ks", 3, 1}});
        }
        return attached_files(Tree::open(folder_.path()).value(), attachments);
    }
    std::string why(const std::vector<std::string>& texts) const {
        const auto files = find(texts);
        return files ? "" : files.error().message;
    }

    img::testing::TempFolder folder_;
};

TEST_F(Attachments, AreFoundByPathByGlobAndByPackage) {
    folder_.write("boot/vmlinuz-1", "one");
    folder_.write("boot/vmlinuz-2", "two");
    folder_.write("boot/config-1", "x");
    folder_.write("usr/share/a/b.dtb", "b");
    folder_.write("var/lib/dpkg/info/trees:amd64.list", "/.\n/usr\n/usr/share/a/b.dtb\n");
    EXPECT_EQ(find({"/boot/vmlinuz-*", "/boot/config-1"}).value(),
              (std::vector<fs::path>{"/boot/vmlinuz-1", "/boot/vmlinuz-2", "/boot/config-1"}));
    EXPECT_EQ(find({"/usr/*/a/?.dtb"}).value(), std::vector<fs::path>{"/usr/share/a/b.dtb"});
    EXPECT_EQ(find({"trees", "/usr/share/a/b.dtb"}).value(),
              std::vector<fs::path>{"/usr/share/a/b.dtb"});
}

TEST_F(Attachments, HaveToBeThereAndToHaveNamesOfTheirOwn) {
    folder_.write("a/x", "1");
    folder_.write("b/x", "2");
    EXPECT_EQ(why({"/boot/*"}), "%attachment /boot/* (a.ks:3): the image has no such file");
    EXPECT_EQ(why({"/a"}), "%attachment /a (a.ks:3): the image has no such file");
    EXPECT_EQ(why({"tree"}),
              "%attachment tree (a.ks:3): the image has no such package; add it to %packages");
    EXPECT_EQ(why({"/a/x", "/b/x"}),
              "%attachment /b/x (a.ks:3): /a/x and /b/x have one name; name one of them");
}

TEST_F(Attachments, DoNotLeaveTheTree) {
    folder_.write("etc/x", "inside");
    fs::create_symlink("/etc/passwd", folder_.path() / "out");
    EXPECT_EQ(why({"/out"}), "%attachment /out (a.ks:3): the image has no such file");
}

TEST_F(Attachments, AreCopiedWholeAndOverNothing) {
    folder_.write("x", std::string(300'000, 'x'));
    const img::testing::TempFolder target;
    const auto tree = Tree::open(folder_.path()).value();
    ASSERT_TRUE(tree.copy_out("/x", target.path() / "x"));
    EXPECT_EQ(fs::file_size(target.path() / "x"), 300'000u);
    EXPECT_FALSE(tree.copy_out("/x", target.path() / "x"));
    EXPECT_FALSE(tree.copy_out("/", target.path() / "y"));
}

}  // namespace
}  // namespace img::rootfs
