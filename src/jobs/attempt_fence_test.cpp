#include "jobs/attempt_fence.hpp"

#include "tests/support/temp_folder.hpp"

#include <atomic>
#include <gtest/gtest.h>
#include <thread>

namespace img::jobs {
namespace {

TEST(AttemptFence, LetsNoOlderAttemptInOnceANewerWas) {
    const testing::TempFolder folder;
    EXPECT_TRUE(AttemptFence::enter(folder.path(), 1));
    EXPECT_TRUE(AttemptFence::enter(folder.path(), 1));
    EXPECT_TRUE(AttemptFence::enter(folder.path(), 12));
    const auto older = AttemptFence::enter(folder.path(), 2);
    ASSERT_FALSE(older);
    EXPECT_EQ(older.error().fault, Fault::invalid);
    EXPECT_NE(older.error().message.find("12 has begun"), std::string::npos);
}

TEST(AttemptFence, ClosesForGood) {
    const testing::TempFolder folder;
    EXPECT_TRUE(AttemptFence::enter(folder.path(), AttemptFence::kClosed));
    EXPECT_FALSE(AttemptFence::enter(folder.path(), 1000));
}

TEST(AttemptFence, IsCheckedWithoutBeingRaised) {
    const testing::TempFolder folder;
    EXPECT_TRUE(AttemptFence::check(folder.path(), 1'000'000));
    EXPECT_FALSE(std::filesystem::exists(folder.path() / ".attempt"));
    EXPECT_TRUE(AttemptFence::enter(folder.path(), 2));
    EXPECT_TRUE(AttemptFence::check(folder.path(), 1'000'000));
    EXPECT_TRUE(AttemptFence::check(folder.path(), 2));
    EXPECT_EQ(AttemptFence::check(folder.path(), 1).error().fault, Fault::invalid);
    EXPECT_TRUE(AttemptFence::enter(folder.path(), 2)) << "nobody raised it";
    EXPECT_EQ(AttemptFence::check("/nowhere/at/all", 1).error().fault, Fault::missing);
}

TEST(AttemptFence, KeepsANewerAttemptOutWhileAnOlderPublishes) {
    const testing::TempFolder folder;
    std::atomic<bool> is_published = false;
    auto fence = AttemptFence::enter(folder.path(), 1);
    ASSERT_TRUE(fence);
    const std::jthread newer([&] {
        EXPECT_TRUE(AttemptFence::enter(folder.path(), 2));
        EXPECT_TRUE(is_published);
    });
    std::this_thread::sleep_for(std::chrono::milliseconds(50));
    is_published = true;
    fence = fail(Fault::broken, "gone");  // drops the fence that it held
}

TEST(AttemptFence, GoesBackOnlyForWhoHoldsItWhateverItsNumber) {
    const testing::TempFolder folder;
    ASSERT_TRUE(AttemptFence::enter(folder.path(), AttemptFence::kClosed));
    {
        auto held = AttemptFence::hold(folder.path());
        ASSERT_TRUE(held);
        EXPECT_EQ(held->newest(), AttemptFence::kClosed);
        EXPECT_TRUE(held->set(3));
    }
    EXPECT_FALSE(AttemptFence::enter(folder.path(), 2));
    EXPECT_TRUE(AttemptFence::enter(folder.path(), 3));
}

TEST(AttemptFence, MissesAFolderThatIsNotThere) {
    EXPECT_EQ(AttemptFence::enter("/nowhere/at/all", 1).error().fault, Fault::missing);
}

}  // namespace
}  // namespace img::jobs
