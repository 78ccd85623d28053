#include "system/kill_point.hpp"

#include <csignal>
#include <cstdlib>
#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

namespace img::testing {
namespace {

/// How a child ends that passes "submit.row-added" so many times.
int end_of_child(const char* kill_at, int passes) {
    const pid_t child = ::fork();
    if (child == 0) {
        ::setenv("IMG_KILL_AT", kill_at, 1);
        for (int i = 0; i < passes; ++i) {
            system::kill_point("submit.row-added");
        }
        ::_exit(0);
    }
    int status = 0;
    ::waitpid(child, &status, 0);
    return WIFSIGNALED(status) ? WTERMSIG(status) : 0;
}

TEST(KillPoint, EndsTheProgramAtTheNameInTheEnvironment) {
    EXPECT_EQ(end_of_child("submit.row-added", 1), SIGKILL);
    EXPECT_EQ(end_of_child("submit.folder-made", 1), 0);
}

TEST(KillPoint, CountsHowOftenItIsPassed) {
    EXPECT_EQ(end_of_child("submit.row-added:3", 2), 0);
    EXPECT_EQ(end_of_child("submit.row-added:3", 3), SIGKILL);
}

}  // namespace
}  // namespace img::testing
