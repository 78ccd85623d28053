#include "system/steady.hpp"

#include "system/process_runner.hpp"
#include "tests/support/temp_folder.hpp"

#include <algorithm>
#include <filesystem>
#include <gtest/gtest.h>

namespace img::system {
namespace {

namespace fs = std::filesystem;

/// What Python, which asks the C library, prints of a program when it is kept steady.
std::string said(const std::string& program, const Steady& steady) {
    ProcessRunner runner;
    const auto output =
        runner.run({.argv = {"python3", "-c", program}, .captured = true, .steady = steady});
    return output ? *output : "failed: " + output.error().message;
}

TEST(Steady, StopsTheClock) {
    EXPECT_EQ(said("import time; print(time.time(), int(time.monotonic() > 0))", {.epoch = 86400}),
              "86400.0 1\n");
}

TEST(Steady, DrawsWhatFollowsFromTheSeed) {
    const char* const draw = "import os; print(os.urandom(40).hex())";
    const std::string first = said(draw, {.seed = "a"});
    EXPECT_EQ(first.size(), 81u) << first;
    EXPECT_EQ(said(draw, {.seed = "a"}), first);
    EXPECT_NE(said(draw, {.seed = "b"}), first);
}

TEST(Steady, ListsFoldersByName) {
    const testing::TempFolder folder;
    std::string names;
    for (int i = 99; i >= 10; --i) {
        folder.write(std::to_string(i), "");
    }
    for (int i = 10; i <= 99; ++i) {
        names += std::to_string(i);
    }
    const auto list = "import os; print(''.join(os.listdir('" + folder.path().string() + "')))";
    EXPECT_EQ(said(list, {}), names + "\n");
}

TEST(Steady, TellsOfTheContentWhatItsNamesAndModificationTimesSay) {
    const testing::TempFolder folder;
    folder.write("tree/b", "12345");
    folder.write("tree/a/c", "");
    fs::create_hard_link(folder.path() / "tree/b", folder.path() / "tree/d");
    const std::string walk =
        "import os; os.chdir('" + folder.path().string() + "')\n" +
        "for name in 'tree', 'tree/a', 'tree/a/c', 'tree/b', 'tree/d':\n"
        "    s = os.lstat(name); print(name, s.st_ino, s.st_nlink, s.st_size, s.st_atime,\n"
        "                              s.st_mtime, s.st_ctime)";
    EXPECT_EQ(said(walk, {.epoch = 7, .content = folder.path() / "tree"}),
              "tree 1024 1 0 7.0 7.0 7.0\n"
              "tree/a 1025 1 0 7.0 7.0 7.0\n"
              "tree/a/c 1026 1 0 7.0 7.0 7.0\n"
              "tree/b 1027 2 5 7.0 7.0 7.0\n"
              "tree/d 1027 2 5 7.0 7.0 7.0\n");
}

TEST(Steady, LeavesOtherFilesAsTheyAre) {
    const testing::TempFolder folder;
    const fs::path file = folder.write("file", "");
    fs::create_directory(folder.path() / "tree");
    const auto look = "import os; print(os.stat('" + file.string() + "').st_mtime > 1e9)";
    EXPECT_EQ(said(look, {.epoch = 7, .content = folder.path() / "tree"}), "True\n");
}

TEST(Steady, LiesBesideThePrograms) {
    const testing::TempFolder folder;
    fs::create_directory(folder.path() / "bin");
    const auto missing = steady_library(folder.path() / "bin");
    ASSERT_FALSE(missing);
    EXPECT_EQ(missing.error().fault, Fault::missing);
    EXPECT_TRUE(missing.error().message.starts_with("libimg-steady.so is not in " +
                                                    (folder.path() / "lib").string()));
    const fs::path installed = folder.write("lib/img/libimg-steady.so", "");
    EXPECT_EQ(steady_library(folder.path() / "bin").value(), installed);
}

}  // namespace
}  // namespace img::system
