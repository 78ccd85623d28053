#include "system/files.hpp"

#include "tests/support/temp_folder.hpp"

#include <csignal>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

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

TEST(Files, AreReadWholeAndBelowProcToo) {
    const testing::TempFolder folder;
    const std::string long_text(100'000, 'x');
    EXPECT_EQ(read_file(folder.write("file", long_text)), long_text);
    EXPECT_TRUE(read_file("/proc/self/stat").value().ends_with('\n'));
    EXPECT_EQ(read_file(folder.path() / "none").error().fault, Fault::missing);
    EXPECT_EQ(read_file(folder.path()).error().fault, Fault::broken);
}

TEST(Files, OfAProcessThatEndsWhileItIsReadAreMissing) {
    int pipe_ends[2];
    ASSERT_EQ(::pipe(pipe_ends), 0);
    const pid_t child = ::fork();
    if (child == 0) {
        char byte;
        (void)!::read(pipe_ends[0], &byte, 1);
        ::_exit(0);
    }
    const auto name = "/proc/" + std::to_string(child) + "/stat";
    EXPECT_TRUE(read_file(name));
    ::close(pipe_ends[1]);
    ::close(pipe_ends[0]);
    ::kill(child, SIGKILL);
    ::waitpid(child, nullptr, 0);
    EXPECT_EQ(read_file(name).error().fault, Fault::missing);
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
