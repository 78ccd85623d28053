#include "worker/reservation.hpp"

#include "base/byte_size.hpp"

#include <gtest/gtest.h>

namespace img::worker {
namespace {

/// A machine of which the test says what is free and what builds use.
class ReservationsTest : public ::testing::Test {
protected:
    Reservations reservations(Room per_build) {
        return {per_build, [this]() -> Result<Measured> {
                    if (is_unreadable_) {
                        return fail(Fault::broken, "no /proc here");
                    }
                    return machine_;
                }};
    }

    Measured machine_{.available = {.memory = 8 * kGiB, .disk = 10 * kGiB}};
    bool is_unreadable_ = false;
};

TEST_F(ReservationsTest, PromisesNoByteTwice) {
    auto room = reservations({.memory = kGiB, .disk = 4 * kGiB});
    const auto first = room.reserve(), second = room.reserve(), third = room.reserve();
    EXPECT_TRUE(first);
    EXPECT_TRUE(second);
    ASSERT_FALSE(third);
    EXPECT_EQ(third.error().fault, Fault::exhausted);
    EXPECT_EQ(third.error().message, "disk: 2.0 GiB free, a build needs 4.0 GiB");
}

TEST_F(ReservationsTest, CountsWhatABuildUsesOnlyOnce) {
    auto room = reservations({.memory = 4 * kGiB, .disk = 0});
    const auto first = room.reserve();
    machine_.available.memory = 5 * kGiB;  // the build has taken 3 of its 4 GiB
    machine_.used_by_builds.memory = 3 * kGiB;
    EXPECT_TRUE(room.reserve());
}

TEST_F(ReservationsTest, PromisesNothingThatABuildUsedBeyondItsShare) {
    auto room = reservations({.memory = 4 * kGiB, .disk = 0});
    const auto first = room.reserve();
    machine_.available.memory = 3 * kGiB;
    machine_.used_by_builds.memory = 5 * kGiB;
    const auto second = room.reserve();
    ASSERT_FALSE(second);
    EXPECT_EQ(second.error().message, "memory: 3.0 GiB free, a build needs 4.0 GiB");
}

TEST_F(ReservationsTest, TakesAPromiseBackWithTheBuild) {
    auto room = reservations({.memory = 0, .disk = 6 * kGiB});
    {
        const auto first = room.reserve();
        EXPECT_FALSE(room.reserve());
    }
    EXPECT_TRUE(room.reserve());
}

TEST_F(ReservationsTest, LooksHowManyBuildsFitAndWhyNoMoreDo) {
    auto room = reservations({.memory = kGiB, .disk = 4 * kGiB});
    EXPECT_EQ(room.look(2).builds, 2u);
    EXPECT_EQ(room.look(2).shortage, "");
    EXPECT_EQ(room.look(3).builds, 2u);
    EXPECT_EQ(room.look(3).shortage, "disk: 2.0 GiB free, a build needs 4.0 GiB");
    machine_.available.memory = kMiB;
    EXPECT_EQ(room.look(3).builds, 0u);
    EXPECT_EQ(room.look(3).shortage, "memory: 1.0 MiB free, a build needs 1.0 GiB");
}

TEST_F(ReservationsTest, SaysWhyNothingCanBeMeasured) {
    is_unreadable_ = true;
    auto room = reservations({.memory = kGiB, .disk = 0});
    EXPECT_EQ(room.look(1).builds, 0u);
    EXPECT_EQ(room.look(1).shortage, "no /proc here");
    EXPECT_EQ(room.reserve().error().fault, Fault::broken);
}

TEST_F(ReservationsTest, MeasuresNothingWhereNothingIsAskedFor) {
    is_unreadable_ = true;
    auto room = reservations({});
    EXPECT_TRUE(room.reserve());
    EXPECT_EQ(room.look(3).builds, 3u);
}

}  // namespace
}  // namespace img::worker
