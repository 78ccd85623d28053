#include "tree/tree.hpp"

#include "tests/support/temp_tree.hpp"

#include <fstream>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

namespace img::tree {
namespace {

namespace fs = std::filesystem;

std::string content(const fs::path& file) {
    std::ifstream stream(file);
    return {std::istreambuf_iterator<char>(stream), {}};
}

/// A tree, and beside it a file that no path of the tree may reach.
class TreeTest : public ::testing::Test {
protected:
    TreeTest() { std::ofstream(outside) << "ours"; }

    testing::TempTree temp;
    fs::path folder = temp.folder;
    fs::path outside = temp.beside / "outside";
    Tree tree = Tree::open(folder).value();
};

TEST_F(TreeTest, WritesAFileWithItsModeAndTheFoldersAboveIt) {
    ASSERT_TRUE(tree.write("/etc/default/locale", "LANG=C\n", 0640));
    EXPECT_EQ(content(folder / "etc/default/locale"), "LANG=C\n");
    struct stat info = {};
    ASSERT_EQ(::stat((folder / "etc/default/locale").c_str(), &info), 0);
    EXPECT_EQ(info.st_mode & 07777, 0640u);
    EXPECT_EQ(tree.list("/etc/default"), std::vector<std::string>{"locale"});
}

TEST_F(TreeTest, KeepsAnAbsoluteLinkToAFileInsideTheTree) {
    fs::create_symlink(outside, folder / "hostname");
    ASSERT_TRUE(tree.write("/hostname", "theirs"));
    EXPECT_EQ(content(outside), "ours");
    EXPECT_EQ(content(folder / outside.relative_path()), "theirs");
    EXPECT_EQ(tree.read("/hostname").value(), "theirs");
}

TEST_F(TreeTest, KeepsALinkThatClimbsOutInsideTheTree) {
    fs::create_directory(folder / "etc");
    fs::create_symlink("../../../../../../../../" + outside.string(), folder / "etc/hosts");
    fs::create_symlink("../../" + outside.parent_path().filename().string(), folder / "etc/up");
    ASSERT_TRUE(tree.write("/etc/hosts", "theirs"));
    (void)tree.write("/etc/up/outside", "theirs");
    (void)tree.write("/../../" + outside.filename().string(), "theirs");
    EXPECT_EQ(content(outside), "ours");
}

TEST_F(TreeTest, NeverReadsOrRemovesWhatALinkOfTheTreePointsToOutside) {
    fs::create_symlink(outside, folder / "out");
    fs::create_symlink(outside.parent_path(), folder / "folder");
    EXPECT_FALSE(tree.exists("/out"));
    EXPECT_EQ(tree.read("/out").error().fault, Fault::missing);
    EXPECT_TRUE(tree.list("/folder").empty());
    ASSERT_TRUE(tree.remove("/folder/outside"));
    EXPECT_TRUE(fs::exists(outside));
    ASSERT_TRUE(tree.remove("/out"));
    EXPECT_FALSE(fs::is_symlink(folder / "out"));
    EXPECT_TRUE(fs::exists(outside));
}

TEST_F(TreeTest, MakesFoldersBehindALinkInsideTheTree) {
    fs::create_directories(folder / "run");
    fs::create_symlink("/run", folder / "var");
    ASSERT_TRUE(tree.make_directory("/var/lib/dbus"));
    EXPECT_TRUE(fs::is_directory(folder / "run/lib/dbus"));
    ASSERT_TRUE(tree.make_directory("/tmp", 01777));
    struct stat info = {};
    ASSERT_EQ(::stat((folder / "tmp").c_str(), &info), 0);
    EXPECT_EQ(info.st_mode & 07777, 01777u);
}

TEST_F(TreeTest, LeavesAHardLinkToTheOldContentAlone) {
    std::ofstream(folder / "cached") << "old";
    fs::create_hard_link(folder / "cached", folder / "file");
    ASSERT_TRUE(tree.write("/file", "new"));
    EXPECT_EQ(content(folder / "cached"), "old");
    EXPECT_EQ(content(folder / "file"), "new");
}

TEST_F(TreeTest, GivesUpOnLinksThatRunInACircle) {
    fs::create_symlink("b", folder / "a");
    fs::create_symlink("a", folder / "b");
    const auto written = tree.write("/a", "x");
    ASSERT_FALSE(written);
    EXPECT_EQ(written.error().fault, Fault::invalid);
    EXPECT_NE(written.error().message.find("/a in the tree"), std::string::npos);
}

TEST_F(TreeTest, IsNotHungByAFifo) {
    ASSERT_EQ(::mkfifo((folder / "fifo").c_str(), 0600), 0);
    EXPECT_EQ(tree.read("/fifo").error().fault, Fault::invalid);
    ASSERT_TRUE(tree.write("/fifo", "text"));
    EXPECT_EQ(content(folder / "fifo"), "text");
}

TEST_F(TreeTest, RefusesToWriteOverAFolder) {
    fs::create_directory(folder / "etc");
    EXPECT_EQ(tree.write("/etc", "x").error().fault, Fault::invalid);
    EXPECT_EQ(tree.write("/", "x").error().fault, Fault::invalid);
    EXPECT_EQ(tree.write("/etc/..", "x").error().fault, Fault::invalid);
    EXPECT_TRUE(fs::is_directory(folder / "etc"));
}

TEST_F(TreeTest, ReplacesALinkByALink) {
    ASSERT_TRUE(tree.link("/etc/localtime", "/usr/share/zoneinfo/UTC"));
    ASSERT_TRUE(tree.link("/etc/localtime", "/usr/share/zoneinfo/Europe/Berlin"));
    EXPECT_EQ(fs::read_symlink(folder / "etc/localtime"), "/usr/share/zoneinfo/Europe/Berlin");
}

TEST(Tree, SaysWhenThereIsNone) {
    EXPECT_EQ(Tree::open("/no/such/tree").error().fault, Fault::missing);
}

TEST(TreeOwner, IsWhomAFileWasGivenTo) {
    testing::TempTree temp;
    temp.put("/a/b", "text");
    const Tree tree = Tree::open(temp.folder).value();
    EXPECT_TRUE(tree.give("/a/b", ::getuid(), ::getgid()));
    EXPECT_EQ(tree.give("/a/c", 0, 0).error().fault, Fault::missing);
    EXPECT_EQ(tree.read_if_there("/a/b").value(), "text");
    EXPECT_EQ(tree.read_if_there("/a/c").value(), "");
    EXPECT_TRUE(tree.is_folder("/a"));
    EXPECT_FALSE(tree.is_folder("/a/b"));
}

}  // namespace
}  // namespace img::tree
