#include "jobs/fair_share.hpp"

#include <gtest/gtest.h>

namespace img::testing {
namespace {

using jobs::FairShare;
using jobs::Time;
using std::chrono::hours;
using std::chrono::minutes;

constexpr Time kNoon{hours(500'000)};

TEST(FairShareTest, PutsThoseThatHadLessFirst) {
    FairShare share({});
    share.charge("anna", minutes(10), kNoon);
    share.charge("bert", minutes(5), kNoon);
    EXPECT_LT(share.standing("bert"), share.standing("anna"));
    EXPECT_LT(share.standing("nobody"), share.standing("bert"));
}

TEST(FairShareTest, DividesByTheWeight) {
    FairShare share({{"anna", 4.0}});
    share.charge("anna", minutes(30), kNoon);
    share.charge("bert", minutes(10), kNoon);
    EXPECT_LT(share.standing("anna"), share.standing("bert"));
}

TEST(FairShareTest, ForgetsHalfInAnHour) {
    FairShare share({});
    share.charge("anna", minutes(10), kNoon);
    share.charge("bert", minutes(6), kNoon + hours(1));
    EXPECT_GT(share.standing("bert"), share.standing("anna")) << "6 min now against 5 left";
    share.charge("carl", minutes(4), kNoon + hours(1));
    EXPECT_LT(share.standing("carl"), share.standing("anna"));
}

TEST(FairShareTest, GivesBackWhatWasChargedTooMuchButNeverMore) {
    FairShare share({});
    share.charge("anna", minutes(10), kNoon);
    share.charge("anna", -minutes(20), kNoon);
    EXPECT_EQ(share.standing("anna"), 0.0);
}

TEST(FairShareTest, StaysTrueOverYears) {
    FairShare share({});
    share.charge("long ago", hours(100), kNoon);
    auto now = kNoon;
    for (int day = 0; day < 1000; ++day) {
        now += hours(24);
        share.charge("anna", minutes(10), now);
        share.charge("bert", minutes(9), now);
        if (share.is_rebase_due(now)) {
            share.rebase(now);
        }
        ASSERT_LT(share.standing("bert"), share.standing("anna")) << "day " << day;
    }
    EXPECT_EQ(share.standing("long ago"), 0.0);
}

TEST(FairShareTest, CountsTheBuildsOfTheLastHour) {
    FairShare share({});
    share.count_build("anna", kNoon);
    share.count_build("anna", kNoon + minutes(50));
    EXPECT_EQ(share.builds_lately("anna", kNoon + minutes(55)), 2u);
    EXPECT_EQ(share.builds_lately("anna", kNoon + minutes(70)), 1u);
    EXPECT_EQ(share.builds_lately("bert", kNoon), 0u);
}

}  // namespace
}  // namespace img::testing
