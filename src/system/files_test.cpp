#include "system/files.hpp"

#include "tests/support/temp_folder.hpp"

#include <gtest/gtest.h>
#include <sys/stat.h>

namespace img::system {
namespace {

TEST(Files, AreWrittenWholeWithTheirMode) {
    const testing::TempFolder folder;
    const auto file = folder.path() / "a/b/script";
    ASSERT_TRUE(make_folder(file.parent_path()));
    ASSERT_TRUE(write_file(file, "a longer text", 0600));
    ASSERT_TRUE(write_file(file, "text", 0755));
    EXPECT_EQ(testing::read_file(file), "text");
    struct stat status{};
    ASSERT_EQ(::stat(file.c_str(), &status), 0);
    EXPECT_EQ(status.st_mode & 07777, 0755u);
}

TEST(Files, SayWhatCannotBeMadeAndWhy) {
    const testing::TempFolder folder;
    const auto file = folder.write("file", "");
    EXPECT_EQ(make_folder(file / "below").error().message,
              (file / "below").string() + ": Not a directory");
    EXPECT_EQ(write_file("/no/such/folder/file", "").error().message,
              "/no/such/folder/file: No such file or directory");
    EXPECT_EQ(write_file("/dev/full", "text").error().fault, Fault::exhausted);
}

}  // namespace
}  // namespace img::system
