#include "rootfs/build_traces.hpp"

#include "tests/support/temp_tree.hpp"
#include "tree/tree.hpp"

#include <array>
#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/stat.h>

namespace img::rootfs {
namespace {

using tree::Tree;

constexpr std::int64_t kEpoch = 1000000;

/// Modification time, in seconds and nanoseconds.
std::pair<std::int64_t, long> time_of(const std::filesystem::path& file) {
    struct stat found{};
    EXPECT_EQ(::lstat(file.c_str(), &found), 0) << file;
    return {found.st_mtim.tv_sec, found.st_mtim.tv_nsec};
}

void set_time(const std::filesystem::path& file, std::int64_t seconds, long nanoseconds) {
    const timespec time{.tv_sec = seconds, .tv_nsec = nanoseconds};
    const std::array<timespec, 2> both{time, time};
    ASSERT_EQ(::utimensat(AT_FDCWD, file.c_str(), both.data(), AT_SYMLINK_NOFOLLOW), 0) << file;
}

TEST(BuildTraces, ForgetsThePackageToolsLogsAndLeavesThoseOfOthers) {
    testing::TempTree temp;
    const Tree tree = Tree::open(temp.folder).value();
    temp.put("/var/log/dpkg.log", "2026-01-01 12:00:00 startup\n");
    temp.put("/var/log/apt/history.log", "Start-Date: 2026-01-01\n");
    temp.put("/var/log/wtmp", "");
    temp.put("/var/log/mine.log", "kept\n");
    temp.put("/var/cache/ldconfig/aux-cache", "glibc-ld.so.cache1.1");
    temp.put("/var/lib/dpkg/status-old", "");
    ASSERT_TRUE(forget_traces(tree));
    EXPECT_EQ(tree.list("/var/log"), (std::vector<std::string>{"apt", "mine.log", "wtmp"}));
    EXPECT_TRUE(tree.list("/var/log/apt").empty());
    EXPECT_TRUE(tree.list("/var/cache/ldconfig").empty());
    EXPECT_TRUE(tree.list("/var/lib/dpkg").empty());
}

TEST(BuildTraces, LevelsTheTimesOfFilesFoldersAndLinksButNotOfWhatLinksLeadTo) {
    testing::TempTree temp;
    temp.put("/etc/young", "x");
    temp.put("/etc/old", "x");
    set_time(temp.folder / "etc/old", 5, 7);
    std::filesystem::create_symlink("../../beside", temp.folder / "etc/link");
    std::filesystem::create_directory(temp.beside / "beside");
    set_time(temp.beside / "beside", kEpoch + 5, 3);
    ASSERT_TRUE(level_times(Tree::open(temp.folder).value(), kEpoch));
    const std::pair<std::int64_t, long> epoch{kEpoch, 0};
    for (const char* file : {"", "etc", "etc/young", "etc/link"}) {
        EXPECT_EQ(time_of(temp.folder / file), epoch) << file;
    }
    EXPECT_EQ(time_of(temp.folder / "etc/old"), (std::pair<std::int64_t, long>{5, 0}));
    EXPECT_EQ(time_of(temp.beside / "beside"), (std::pair<std::int64_t, long>{kEpoch + 5, 3}));
}

}  // namespace
}  // namespace img::rootfs
