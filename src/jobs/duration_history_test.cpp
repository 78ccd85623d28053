#include "jobs/duration_history.hpp"

#include <gtest/gtest.h>

namespace img::testing {
namespace {

using jobs::DurationHistory;
using std::chrono::seconds;

TEST(DurationHistoryTest, KnowsNothingAtFirst) {
    EXPECT_FALSE(DurationHistory().estimate("debian", "raw"));
    EXPECT_TRUE(DurationHistory().is_empty());
}

TEST(DurationHistoryTest, JudgesByTheNameThenByTheTypeThenByAll) {
    DurationHistory history;
    for (int i = 0; i < 3; ++i) {
        history.add({"small", "raw", seconds(10)});
        history.add({"other", "raw", seconds(30)});
        history.add({"flash", "nand", seconds(100)});
    }
    EXPECT_EQ(history.estimate("small", "raw")->likely, seconds(10));
    EXPECT_EQ(history.estimate("small", "raw")->high, seconds(10));
    EXPECT_EQ(history.estimate("new", "nand")->likely, seconds(100));
    EXPECT_EQ(history.estimate("new", "raw")->low, seconds(10));
    EXPECT_EQ(history.estimate("new", "raw")->high, seconds(30));
    EXPECT_EQ(history.estimate("new", "vmdk")->likely, seconds(30));
    EXPECT_EQ(history.estimate("new", "vmdk")->high, seconds(100));
}

TEST(DurationHistoryTest, NeedsThreeOfANameToJudgeByIt) {
    DurationHistory history;
    history.add({"small", "raw", seconds(10)});
    history.add({"small", "raw", seconds(10)});
    for (int i = 0; i < 8; ++i) {
        history.add({"other", "raw", seconds(30)});
    }
    EXPECT_EQ(history.estimate("small", "raw")->likely, seconds(30));
    history.add({"small", "raw", seconds(10)});
    EXPECT_EQ(history.estimate("small", "raw")->likely, seconds(10));
}

TEST(DurationHistoryTest, LetsTheNewestBuildsCount) {
    DurationHistory history;
    for (int i = 0; i < 100; ++i) {
        history.add({"debian", "raw", seconds(600)});
    }
    for (int i = 0; i < 20; ++i) {
        history.add({"debian", "raw", seconds(60)});
    }
    EXPECT_EQ(history.estimate("debian", "raw")->high, seconds(60));
}

TEST(DurationHistoryTest, TakesDecilesForTheEnds) {
    DurationHistory history;
    for (int i = 1; i <= 11; ++i) {
        history.add({"debian", "raw", seconds(i)});
    }
    const auto estimate = history.estimate("debian", "raw");
    EXPECT_EQ(estimate->low, seconds(2));
    EXPECT_EQ(estimate->likely, seconds(6));
    EXPECT_EQ(estimate->high, seconds(10));
}

}  // namespace
}  // namespace img::testing
