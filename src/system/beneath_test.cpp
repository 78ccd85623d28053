#include "system/beneath.hpp"

#include "tests/support/temp_folder.hpp"

#include <gtest/gtest.h>
#include <sys/stat.h>

namespace img::system {
namespace {

namespace fs = std::filesystem;

class BeneathTest : public ::testing::Test {
protected:
    BeneathTest() {
        folder_.write("secret", "root:x");
        folder_.write("in/a.txt", "text");
        folder_.write("in/sub/b", "below");
        fs::create_symlink("../secret", root() / "out");
        fs::create_symlink("/etc/passwd", root() / "absolute");
        fs::create_symlink("sub/b", root() / "within");
        fs::create_directory_symlink("..", root() / "up");
        ::mkfifo((root() / "fifo").c_str(), 0600);
    }
    fs::path root() const { return folder_.path() / "in"; }

    testing::TempFolder folder_;
};

TEST_F(BeneathTest, OpensRegularFilesOfItsFolderAndNothingElse) {
    EXPECT_TRUE(open_beneath(root(), "a.txt"));
    EXPECT_TRUE(open_beneath(root(), "sub/b"));
    for (const auto* path : {"../secret", "/etc/passwd", "out", "absolute", "within", "up/secret",
                             "sub", "", ".", "fifo", "none", "sub/../../secret"}) {
        const auto file = open_beneath(root(), path);
        ASSERT_FALSE(file) << path;
        EXPECT_EQ(file.error().fault, Fault::missing) << path;
    }
    EXPECT_FALSE(open_beneath(root(), std::string_view("a.txt\0x", 7)));
}

TEST_F(BeneathTest, FollowsLinksAsAfterAChrootWhereAsked) {
    fs::create_symlink("/sub/b", root() / "rooted");
    fs::create_symlink("../../sub/b", root() / "sub/above");
    EXPECT_EQ(read_beneath(root(), "rooted", 10, Links::of_a_root).value(), "below");
    EXPECT_EQ(read_beneath(root(), "sub/above", 10, Links::of_a_root).value(), "below");
    for (const auto* path : {"out", "absolute", "up/secret"}) {
        const auto text = read_beneath(root(), path, 100, Links::of_a_root);
        ASSERT_FALSE(text) << path;
        EXPECT_EQ(text.error().fault, Fault::missing) << path;
    }
}

TEST_F(BeneathTest, FollowsLinksThatStayInsideWhereAsked) {
    EXPECT_EQ(read_beneath(root(), "within", 10).value(), "below");
    for (const auto* path : {"out", "absolute", "up/secret", "../secret"}) {
        const auto text = read_beneath(root(), path, 100);
        ASSERT_FALSE(text) << path;
        EXPECT_EQ(text.error().fault, Fault::missing);
    }
}

TEST_F(BeneathTest, ReadsNoMoreThanItMay) {
    EXPECT_EQ(read_beneath(root(), "a.txt", 4).value(), "text");
    EXPECT_EQ(read_beneath(root(), "a.txt", 3).error().message, "a.txt is larger than 3 B");
}

TEST_F(BeneathTest, ListsAFolderInOrder) {
    using Names = std::vector<std::string>;
    EXPECT_EQ(list_beneath(root(), ".", 10).value(),
              (Names{"a.txt", "absolute", "fifo", "out", "sub", "up", "within"}));
    EXPECT_EQ(list_beneath(root(), "sub", 1).value(), Names{"b"});
    EXPECT_EQ(list_beneath(root(), "..", 9).error().fault, Fault::missing);
    EXPECT_EQ(list_beneath(root(), "up", 9).error().fault, Fault::missing);
    EXPECT_EQ(list_beneath(root(), "a.txt", 9).error().fault, Fault::missing);
    EXPECT_EQ(list_beneath(root(), ".", 6).error().message, ". holds more than 6 files");
}

}  // namespace
}  // namespace img::system
