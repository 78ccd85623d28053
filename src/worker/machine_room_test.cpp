#include "worker/machine_room.hpp"

#include "base/byte_size.hpp"
#include "tests/support/temp_folder.hpp"

#include <array>
#include <gtest/gtest.h>
#include <limits>
#include <poll.h>
#include <sys/wait.h>
#include <unistd.h>
#include <vector>

namespace img::worker {
namespace {

TEST(MachineRoom, ReadsWhatTheKernelCallsAvailable) {
    EXPECT_EQ(available_memory("MemTotal:       100 kB\nMemFree:  7 kB\nMemAvailable:  42 kB\n"),
              42u * 1024);
    EXPECT_EQ(available_memory("MemTotal:       100 kB\n"), 0u);
}

TEST(MachineRoom, IsLimitedByEachControlGroupAboveIt) {
    const testing::TempFolder root;
    root.write("system.slice/memory.max", "1000000\n");
    root.write("system.slice/memory.current", "900000\n");
    root.write("system.slice/memory.stat", "anon 5\ninactive_file 50000\n");
    root.write("system.slice/img.service/memory.max", "max\n");
    root.write("system.slice/img.service/memory.current", "1\n");
    EXPECT_EQ(control_group_room(root.path(), "/system.slice/img.service"), 150000u);
    root.write("system.slice/img.service/memory.max", "7001\n");
    EXPECT_EQ(control_group_room(root.path(), "/system.slice/img.service"), 7000u);
    EXPECT_EQ(control_group_room(root.path(), "/"), std::numeric_limits<std::uint64_t>::max());
}

TEST(MachineRoom, CountsTheMemoryOfChildrenAndTheirs) {
    constexpr std::size_t size = 64 * kMiB;
    const auto before = memory_of_descendants();
    std::array<int, 2> ready{}, end{};
    ASSERT_EQ(::pipe(ready.data()), 0);
    ASSERT_EQ(::pipe(end.data()), 0);
    const auto child = ::fork();
    if (child == 0) {
        const auto grandchild = ::fork();
        if (grandchild == 0) {
            const std::vector<char> memory(size, 'x');
            (void)!::write(ready[1], memory.data(), 1);
        }
        ::close(end[1]);
        char none = 0;
        (void)!::read(end[0], &none, 1);  // until the test lets go
        ::_exit(0);
    }
    pollfd wait{.fd = ready[0], .events = POLLIN, .revents = 0};
    ASSERT_EQ(::poll(&wait, 1, 10'000), 1);
    EXPECT_GT(memory_of_descendants(), before + size / 2);
    for (const int fd : {end[0], end[1], ready[0], ready[1]}) {
        ::close(fd);
    }
    ::waitpid(child, nullptr, 0);
}

TEST(MachineRoom, CountsTheBlocksOfFilesAndNotTheirHoles) {
    const testing::TempFolder work;
    work.write("one/two/file", std::string(1 * kMiB, 'x'));
    const auto hole = work.write("one/hole", "x");
    std::filesystem::resize_file(hole, 8 * kGiB);
    EXPECT_GE(disk_usage(work.path()), kMiB);
    EXPECT_LT(disk_usage(work.path()), 2 * kMiB);
}

TEST(MachineRoom, MeasuresThisMachine) {
    const testing::TempFolder work;
    const auto measured = measure_room(work.path());
    ASSERT_TRUE(measured) << measured.error().message;
    EXPECT_GT(measured->available.memory, kMiB);
    EXPECT_GT(measured->available.disk, kMiB);
    EXPECT_FALSE(measure_room("/nonexistent"));
}

}  // namespace
}  // namespace img::worker
