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

class FilesThatCannotBeKnown : public ::testing::Test {
protected:
    FilesThatCannotBeKnown() { std::filesystem::create_symlink(loop_, loop_); }

    const testing::TempFolder folder_;
    const std::filesystem::path loop_ = folder_.path() / "loop";
};

TEST_F(FilesThatCannotBeKnown, AreNotThere) {
    for (const auto& path : {loop_, loop_ / "below", folder_.path() / "none",
                             folder_.path() / std::string(300, 'x')}) {
        EXPECT_FALSE(system::exists(path)) << path;
        EXPECT_FALSE(is_folder(path)) << path;
        EXPECT_FALSE(is_file(path)) << path;
    }
    EXPECT_EQ(type_of(loop_), std::filesystem::file_type::symlink);
    EXPECT_EQ(type_of(loop_ / "below"), std::filesystem::file_type::none);
    EXPECT_EQ(type_of(folder_.path() / "none"), std::filesystem::file_type::not_found);
}

TEST_F(FilesThatCannotBeKnown, AreRefusedWithTheCause) {
    const auto file = folder_.write("file", "");
    EXPECT_TRUE(check_folder(folder_.path()));
    EXPECT_TRUE(check_file(file));
    EXPECT_EQ(check_folder(loop_).error().message,
              loop_.string() + ": Too many levels of symbolic links");
    EXPECT_EQ(check_folder(loop_).error().fault, Fault::invalid);
    EXPECT_EQ(check_folder(file).error().message, file.string() + ": this is no folder");
    EXPECT_EQ(check_file(folder_.path()).error().message,
              folder_.path().string() + ": this is no file");
    EXPECT_EQ(check_file(file / "below").error().fault, Fault::missing);
    EXPECT_EQ(check_file("/no/such").error().message, "/no/such: there is no such file");
    EXPECT_EQ(check_file("/no/\x1b").error().message, "/no/\\x1b: there is no such file");
}

TEST_F(FilesThatCannotBeKnown, AreListedWhereTheyLie) {
    const std::vector<std::filesystem::path> all{folder_.write("a", ""), folder_.path() / "b",
                                                 folder_.write("c", ""), loop_};
    const auto inner = folder_.write("b/inner", "");
    std::filesystem::create_symlink("b", folder_.path() / "z");
    EXPECT_TRUE(is_folder(folder_.path() / "z"));
    auto names = files_in(folder_.path()).value();
    EXPECT_EQ(names.back(), folder_.path() / "z");
    names.pop_back();
    EXPECT_EQ(names, all);
    EXPECT_EQ(files_below(folder_.path()).value(),
              (std::vector<std::filesystem::path>{all[0], inner, all[2]}));
    EXPECT_EQ(files_in(loop_).error().message,
              loop_.string() + ": Too many levels of symbolic links");
    EXPECT_EQ(files_below(folder_.path() / "a").error().fault, Fault::broken);
}

TEST(Files, HaveNoWholeNameInAWorkingFolderThatIsGone) {
    const auto before = std::filesystem::current_path();
    const testing::TempFolder folder;
    std::filesystem::create_directory(folder.path() / "gone");
    std::filesystem::current_path(folder.path() / "gone");
    EXPECT_EQ(system::absolute("a"), folder.path() / "gone/a");
    std::filesystem::remove(folder.path() / "gone");
    const auto refused = system::absolute("a");
    EXPECT_EQ(system::absolute("/a/b"), "/a/b");
    std::filesystem::current_path(before);
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().fault, Fault::invalid);
    EXPECT_TRUE(refused.error().message.starts_with("a: the working folder is gone"));
    EXPECT_TRUE(system::absolute("").error().message.starts_with("an empty name"));
}

}  // namespace
}  // namespace img::system
