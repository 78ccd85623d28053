// Two services on one store: one leads.
#include "tests/support/dispatching.hpp"

#include <algorithm>
#include <fmt/format.h>
#include <gtest/gtest.h>

namespace img::testing {
namespace {

using jobs::Dispatcher;
using jobs::JobState;
using jobs::Report;

/// A second service on the same store.
class TwoDispatchersTest : public DispatcherTest {
protected:
    TwoDispatchersTest() {
        auto second = options();
        second.holder = "two";
        second.door = nullptr;
        second.live_worker = "local-other";
        second.local_worker_prefix = "other-";
        other_ = std::make_unique<Dispatcher>(store_, other_queue_, other_feed_, second);
    }
    FakeJobQueue other_queue_;
    jobs::JobFeed other_feed_;
    std::unique_ptr<Dispatcher> other_;
};

TEST_F(TwoDispatchersTest, OnlyOneLeadsAndTheOtherTakesOverWhenItStops) {
    std::this_thread::sleep_for(std::chrono::milliseconds(30));
    EXPECT_TRUE(dispatcher_->is_leading());
    EXPECT_FALSE(other_->is_leading());
    dispatcher_.reset();
    now_ += 3'001;
    EXPECT_TRUE(soon([&] { return other_->is_leading(); })) << "it was let go of";
}

TEST_F(TwoDispatchersTest, TakesOverFromOneThatIsGoneWithoutAWord) {
    const auto job = submitted();
    ASSERT_EQ(queue_.builds(1).size(), 1u);
    store_.is_away = true;  // so it cannot let go
    dispatcher_.reset();
    store_.is_away = false;
    now_ += 10'000;
    std::this_thread::sleep_for(std::chrono::milliseconds(30));
    EXPECT_FALSE(other_->is_leading());
    now_ += 6'000;
    ASSERT_TRUE(soon([&] { return other_->is_leading(); }));
    ASSERT_TRUE(other_queue_.send(jobs::Presence{.worker = "w2"}));
    ASSERT_EQ(other_queue_.builds(1).size(), 1u);
    EXPECT_EQ(other_queue_.builds(1)[0].id, job.id);
}

TEST_F(TwoDispatchersTest, StopsLeadingWhenItCannotRenew) {
    store_.is_away = true;
    now_ += 15'001;
    EXPECT_TRUE(soon([&] { return !dispatcher_->is_leading(); }));
    store_.is_away = false;
    now_ += 3'001;
    EXPECT_TRUE(soon([&] { return dispatcher_->is_leading() != other_->is_leading(); }));
}

TEST_F(TwoDispatchersTest, LeadsOnAndGivesOutJobsWhileItHasManyStatusesToSend) {
    constexpr std::size_t kJobs = 300;
    std::atomic<bool> is_away = true;
    std::atomic<bool> has_other_led = false;
    std::atomic<std::size_t> sent = 0, given = 0;
    door_.before_send = [&]() -> Result<void> {
        if (is_away) {
            return fail(Fault::transient, "the broker is away");
        }
        if (++sent == 1) {
            present("w1", 10);
        }
        now_ += 100;  // of 300: twice the lease
        std::this_thread::sleep_for(std::chrono::milliseconds(1));
        has_other_led = has_other_led || other_->is_leading();
        given = sent < kJobs ? queue_.builds(0).size() : given.load();
        return {};
    };
    present("w1", 0);
    for (std::size_t i = 0; i < kJobs; ++i) {
        submitted(fmt::format("n{}", i));
    }
    is_away = false;
    EXPECT_TRUE(soon([&] { return sent >= kJobs; }));
    EXPECT_EQ(given, 10u);
    EXPECT_FALSE(has_other_led);
    dispatcher_.reset();  // it uses what is here
    door_.before_send = [] { return Result<void>(); };
}

TEST_F(TwoDispatchersTest, TakesSubmitsAndCancelsWithoutLeading) {
    const auto job = other_->submit(request("debian")).value().job;
    ASSERT_EQ(queue_.builds(1).size(), 1u) << "the leader looks into the store";
    report(job, Report::Started{});
    ASSERT_TRUE(other_->cancel(job.id));
    ASSERT_EQ(queue_.cancels(1).size(), 1u) << "by way of the outbox";
    EXPECT_EQ(queue_.cancels(1)[0].id, job.id);
    report(job, Report::Beat{});
    EXPECT_EQ(now(job).state, JobState::cancelled);
    EXPECT_TRUE(soon([&] { return dispatcher_->building() == 0; }));
}

TEST_F(TwoDispatchersTest, ShowsTheQueueAndWakesWatchersWithoutLeading) {
    present("w1", 0);
    const auto job = submitted();
    ASSERT_TRUE(soon([&] {
        now_ += 1'000;
        return other_->outlook(job.id).has_value();
    }));
    EXPECT_EQ(other_->outlook(job.id)->why, "no worker is there: start img-worker")
        << "it hears other presences";
    std::atomic<int> calls = 0;
    const auto token = other_feed_.watch(job.id, [&] { ++calls; });
    EXPECT_TRUE(soon([&] { return calls > 0; }));
}

}  // namespace
}  // namespace img::testing
