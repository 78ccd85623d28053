#include "jobs/job_feed.hpp"

#include <atomic>
#include <gtest/gtest.h>
#include <thread>

namespace img::jobs {
namespace {

TEST(JobFeed, CallsTheWatchersOfThatJobOnly) {
    JobFeed feed;
    int one = 0, two = 0, other = 0;
    const auto first = feed.watch("a", [&] { ++one; });
    const auto second = feed.watch("a", [&] { ++two; });
    const auto third = feed.watch("b", [&] { ++other; });
    feed.announce("a");
    feed.announce("c");
    EXPECT_EQ(one, 1);
    EXPECT_EQ(two, 1);
    EXPECT_EQ(other, 0);
}

TEST(JobFeed, CallsNobodyAfterTheTokenIsGone) {
    JobFeed feed;
    std::atomic<bool> is_over = false;
    std::jthread announcer([&] {
        while (!is_over) {
            feed.announce("a");
        }
    });
    for (int i = 0; i < 200; ++i) {
        auto alive = std::make_unique<std::atomic<int>>(0);
        auto token = feed.watch("a", [&alive] { ++*alive; });
        std::this_thread::yield();
        token.reset();
        alive.reset();  // a later call would be a use after free, which the sanitizer sees
    }
    is_over = true;
}

TEST(JobFeed, LetsAWatcherWatchAndStopFromWithinItsCall) {
    JobFeed feed;
    int calls = 0, inner_calls = 0;
    std::shared_ptr<void> inner, outer;
    outer = feed.watch("a", [&] {
        ++calls;
        inner = feed.watch("a", [&] { ++inner_calls; });
        outer.reset();
    });
    feed.announce("a");
    feed.announce("a");
    EXPECT_EQ(calls, 1);
    EXPECT_EQ(inner_calls, 1);
}

TEST(JobFeed, TellsWatchersOfAllJobsButNotTooOften) {
    JobFeed feed;
    int calls = 0;
    const auto a = feed.watch("a", [&] { ++calls; });
    const auto b = feed.watch("b", [&] { ++calls; });
    feed.announce_all(std::chrono::hours(1));
    feed.announce_all(std::chrono::hours(1));
    EXPECT_EQ(calls, 2);
    feed.announce_all(std::chrono::milliseconds(0));
    EXPECT_EQ(calls, 4);
}

TEST(JobFeed, MayGoBeforeItsTokens) {
    auto feed = std::make_unique<JobFeed>();
    const auto token = feed->watch("a", [] {});
    feed.reset();
    EXPECT_TRUE(token);
}

}  // namespace
}  // namespace img::jobs
