// Workers that are lost or late, and the fence that keeps them out.
#include "jobs/attempt_fence.hpp"
#include "tests/support/dispatching.hpp"

#include <algorithm>
#include <fmt/format.h>
#include <gtest/gtest.h>

namespace img::testing {
namespace {

using jobs::JobState;
using jobs::Report;

TEST_F(DispatcherTest, QueuesTheJobOfALostWorkerAgainAndRefusesItFromThen) {
    const auto job = submitted();
    ASSERT_EQ(queue_.builds(1).size(), 1u);
    report(job, Report::Started{});
    report(job, Report::Log{.offset = 0, .text = "one\n"});
    jump(30'001);
    present("w1", 10);
    ASSERT_EQ(queue_.builds(2).size(), 2u);
    EXPECT_EQ(queue_.builds(2)[1].attempt, 2u);
    EXPECT_EQ(now(job).state, JobState::queued);
    report(job, Report::Beat{});
    report(job, Report::Done{"debian.raw"});
    EXPECT_EQ(now(job).state, JobState::queued);
    const auto cancels = queue_.cancels(1);
    ASSERT_EQ(cancels.size(), 1u) << "it is told to stop";
    EXPECT_EQ(cancels[0].attempt, 1u);
    EXPECT_EQ(cancels[0].worker, "w1");
    report(job, Report::Started{}, 2, "w2");
    report(job, Report::Log{.offset = 0, .text = "again\n"}, 2, "w2");
    report(job, Report::Log{.offset = 4, .text = "stale\n"});
    EXPECT_EQ(log(job), "one\n--- attempt 2 ---\nagain\n");
    report(job, Report::Done{"debian.raw"}, 2, "w2");
    EXPECT_EQ(now(job).state, JobState::done);
}

TEST_F(DispatcherTest, GivesNobodyUpWhileItCannotHearAndForALeaseAfter) {
    const auto job = submitted();
    ASSERT_EQ(queue_.builds(1).size(), 1u);
    report(job, Report::Started{});
    queue_.is_deaf = true;
    jump(600'000);
    std::this_thread::sleep_for(kSeveralSweeps);
    queue_.is_deaf = false;
    jump(29'000);
    std::this_thread::sleep_for(kSeveralSweeps);
    EXPECT_EQ(now(job).state, JobState::building);
    report(job, Report::Done{"debian.raw"});
    EXPECT_EQ(now(job).state, JobState::done);
    EXPECT_EQ(now(job).attempt, 1u);
}

TEST_F(DispatcherTest, ClosesTheFenceToALostWorkerBeforeAnotherMayStart) {
    const auto job = submitted();
    ASSERT_EQ(queue_.builds(1).size(), 1u);
    report(job, Report::Started{});
    EXPECT_TRUE(jobs::AttemptFence::enter(dispatcher_->folder(job.id), 1));
    jump(30'001);
    present("w1", 10);
    ASSERT_EQ(queue_.builds(2).size(), 2u);
    const auto stale = jobs::AttemptFence::enter(dispatcher_->folder(job.id), 1);
    ASSERT_FALSE(stale);
    EXPECT_EQ(stale.error().fault, Fault::invalid);
    EXPECT_TRUE(jobs::AttemptFence::enter(dispatcher_->folder(job.id), 2));
}

TEST_F(DispatcherTest, GivesUpAfterThreeLostWorkersAndSaysSo) {
    const auto job = submitted();
    for (unsigned attempt = 1; attempt <= 3; ++attempt) {
        report(job, Report::Started{}, attempt);
        jump(30'001);
        ASSERT_TRUE(soon([&] { return now(job).state != JobState::building; }));
    }
    EXPECT_EQ(now(job).state, JobState::error);
    EXPECT_NE(now(job).error.find("lost its worker 3 times"), std::string::npos);
    EXPECT_NE(log(job).find(std::string(kFailed) + now(job).error), std::string::npos);
}

TEST_F(DispatcherTest, LeasesAJobToTheFirstWorkerOnly) {
    const auto job = submitted();
    report(job, Report::Started{}, 1, "w1");
    report(job, Report::Started{}, 1, "w2");
    EXPECT_EQ(now(job).worker, "w1");
    ASSERT_EQ(queue_.cancels(1).size(), 1u);
    EXPECT_EQ(queue_.cancels(1)[0].worker, "w2");
    report(job, Report::Done{"other.raw"}, 1, "w2");
    EXPECT_EQ(now(job).state, JobState::building);
    report(job, Report::Started{}, 1, "w1");  // the same message twice does no harm
    EXPECT_EQ(queue_.cancels(1).size(), 1u);
}

TEST_F(DispatcherTest, RequeuesAtOnceWhatTheProcessBeforeItWasBuilding) {
    const auto local = submitted("local");
    const auto remote = submitted("remote");
    report(local, Report::Started{}, 1, "local-old");
    report(remote, Report::Started{}, 1, "far-away");
    restart();
    ASSERT_TRUE(soon([&] { return now(local).attempt == 2; })) << "no waiting for its lease";
    EXPECT_EQ(now(remote).state, JobState::building) << "that one may well be alive";
    report(remote, Report::Log{.offset = 0, .text = "still here\n"}, 1, "far-away");
    EXPECT_EQ(log(remote), "still here\n");
}

TEST_F(DispatcherTest, LeadsAlthoughItCannotTakeAJobFromTheProcessBeforeIt) {
    const auto held = submitted("held");
    const auto other = submitted("other");
    report(held, Report::Started{}, 1, "local-old");
    report(other, Report::Started{}, 1, "local-old");
    std::optional lock(jobs::AttemptFence::enter(dispatcher_->folder(held.id), 1).value());
    restart();
    ASSERT_TRUE(soon([&] { return now(other).attempt == 2; }));
    const auto fresh = submitted("fresh");
    EXPECT_TRUE(soon([&] {
        return std::ranges::count(queue_.builds(0), fresh.id, &jobs::BuildOrder::id) == 1;
    }));
    std::this_thread::sleep_for(kSeveralSweeps);
    EXPECT_EQ(now(held).state, JobState::building);
    EXPECT_EQ(troubles_, 1) << "once, not with each sweep";
    lock.reset();
    EXPECT_TRUE(soon([&] { return now(held).attempt == 2; })) << "no waiting for its lease";
}

TEST_F(DispatcherTest, GivesUpTheOthersWhereOneJobCannotBeTakenFromItsWorker) {
    const auto held = submitted("held");
    const auto other = submitted("other");
    report(held, Report::Started{});
    report(other, Report::Started{});
    std::optional lock(jobs::AttemptFence::enter(dispatcher_->folder(held.id), 1).value());
    jump(30'001);
    EXPECT_TRUE(soon([&] { return now(other).attempt == 2; }));
    std::this_thread::sleep_for(kSeveralSweeps);
    EXPECT_EQ(now(held).state, JobState::building);
    EXPECT_EQ(troubles_, 1) << "once, not with each sweep";
    lock.reset();
    EXPECT_TRUE(soon([&] { return now(held).attempt == 2; }));
}

TEST_F(DispatcherTest, GivesOrdersAgainAfterARestart) {
    submitted();
    ASSERT_EQ(queue_.builds(1).size(), 1u);
    restart();
    EXPECT_EQ(queue_.builds(2).size(), 2u) << "nobody began it";
}

TEST_F(DispatcherTest, GivesBeatsOnTheirWayTheirTimeAfterARestart) {
    const auto job = submitted();
    report(job, Report::Started{}, 1, "far-away");
    dispatcher_.reset();
    now_ += 600'000;  // the service was down for ten minutes, the worker was not
    restart();
    std::this_thread::sleep_for(std::chrono::milliseconds(50));
    EXPECT_EQ(now(job).attempt, 1u);
    report(job, Report::Beat{}, 1, "far-away");
    EXPECT_EQ(now(job).lease_end, at(1'630'000));
}

TEST_F(DispatcherTest, GivesAnOrderToAnotherWhereItsWorkerIsGone) {
    queue_.forget("w1");
    const auto job = submitted();
    std::this_thread::sleep_for(std::chrono::milliseconds(30));
    EXPECT_EQ(queue_.builds(0).size(), 0u);
    present("w2", 1);
    ASSERT_EQ(queue_.builds(1).size(), 1u);
    EXPECT_EQ(queue_.builds(1)[0].worker, "w2");
}

TEST_F(DispatcherTest, GivesAnOrderAgainThatNobodyBegan) {
    const auto job = submitted();
    ASSERT_EQ(queue_.builds(1).size(), 1u);
    jump(29'000);
    present("w1", 10);
    std::this_thread::sleep_for(std::chrono::milliseconds(30));
    EXPECT_EQ(queue_.builds(0).size(), 1u);
    now_ += 1'001;
    present("w1", 10);
    EXPECT_EQ(queue_.builds(2).size(), 2u);
    EXPECT_EQ(queue_.builds(2)[1].attempt, 2u);
    EXPECT_EQ(now(job).losses, 0u);
    EXPECT_FALSE(jobs::AttemptFence::enter(dispatcher_->folder(job.id), 1));
    report(job, Report::Started{}, 1);
    EXPECT_EQ(now(job).state, JobState::queued) << "the worker of the first order was too late";
    EXPECT_EQ(queue_.cancels(1).at(0).attempt, 1u) << "and is told so";
    report(job, Report::Started{}, 2);
    EXPECT_EQ(now(job).state, JobState::building);
}

TEST_F(DispatcherTest, CountsNoWorkerAsLostThatNeverBegan) {
    const auto job = submitted();
    for (unsigned attempt = 1; attempt <= 3; ++attempt) {
        ASSERT_EQ(queue_.builds(attempt).size(), attempt);
        jump(30'001);
        present("w1", 10);
    }
    ASSERT_EQ(queue_.builds(4).size(), 4u);
    report(job, Report::Started{}, 4);
    jump(30'001);
    present("w1", 10);
    ASSERT_EQ(queue_.builds(5).size(), 5u);
    EXPECT_EQ(now(job).state, JobState::queued) << "it has lost one worker";
    EXPECT_EQ(now(job).attempt, 5u);
    EXPECT_EQ(now(job).losses, 1u);
}

TEST_F(DispatcherTest, GivesNoOrderAgainWhileItMayHaveBeenBegunUnheard) {
    const auto job = submitted();
    ASSERT_EQ(queue_.builds(1).size(), 1u);
    queue_.is_deaf = true;
    jump(600'000);
    std::this_thread::sleep_for(kSeveralSweeps);
    queue_.is_deaf = false;
    jump(29'000);
    present("w1", 10);
    std::this_thread::sleep_for(kSeveralSweeps);
    EXPECT_EQ(queue_.builds(0).size(), 1u);
    report(job, Report::Started{});
    EXPECT_EQ(now(job).state, JobState::building);
    EXPECT_EQ(now(job).attempt, 1u);
}

TEST_F(DispatcherTest, ClosesTheFenceOfAJobThatHasEnded) {
    const auto good = submitted("good"), bad = submitted("bad");
    report(good, Report::Started{});
    report(good, Report::Done{"good.raw"});
    report(bad, Report::Started{});
    report(bad, Report::Failed{.stage = "fetch", .error = "no such package"});
    for (const auto& job : {good, bad}) {
        const auto late = jobs::AttemptFence::enter(dispatcher_->folder(job.id), 1);
        ASSERT_FALSE(late) << job.request.name;
        EXPECT_NE(late.error().message.find("the job is over"), std::string::npos);
    }
    report(good, Report::Done{"good.raw"});  // the same message twice does no harm
    EXPECT_EQ(now(good).state, JobState::done);
}

TEST_F(DispatcherTest, PutsAFenceBackThatIsAheadOfTheRow) {
    auto with_trouble = options();
    std::mutex mutex;
    std::vector<std::string> told;
    with_trouble.trouble = [&](const Error& error) {
        const std::lock_guard lock(mutex);
        told.push_back(error.message);
    };
    restart(with_trouble);
    const auto ahead = submitted("ahead"), closed = submitted("closed");
    ASSERT_TRUE(jobs::AttemptFence::enter(dispatcher_->folder(ahead.id), 7));
    ASSERT_TRUE(
        jobs::AttemptFence::enter(dispatcher_->folder(closed.id), jobs::AttemptFence::kClosed));
    report(ahead, Report::Started{});
    report(closed, Report::Started{});
    EXPECT_TRUE(jobs::AttemptFence::enter(dispatcher_->folder(ahead.id), 1));
    EXPECT_TRUE(jobs::AttemptFence::enter(dispatcher_->folder(closed.id), 1));
    report(ahead, Report::Started{});  // twice is once
    {
        const std::lock_guard lock(mutex);
        ASSERT_EQ(told.size(), 2u);
        EXPECT_NE(told[0].find("job " + ahead.id + ": "), std::string::npos);
        EXPECT_NE(told[0].find("attempt 7 has begun"), std::string::npos);
        EXPECT_NE(told[1].find("it is over"), std::string::npos);
    }
    dispatcher_.reset();  // before what it tells
}

TEST_F(DispatcherTest, LeavesTheFenceClosedOfAJobThatIsCancelledAsItBegins) {
    const auto job = submitted();
    auto fence = jobs::AttemptFence::hold(dispatcher_->folder(job.id));
    ASSERT_TRUE(fence);
    std::jthread starting([&] { report(job, Report::Started{}); });
    ASSERT_TRUE(soon([&] { return now(job).state == JobState::building; }));
    std::jthread cancelling([&] { EXPECT_TRUE(dispatcher_->cancel(job.id)); });
    ASSERT_TRUE(soon([&] { return now(job).state == JobState::cancelled; }));
    fence = fail(Fault::broken, "gone");  // drops it
    starting.join();
    cancelling.join();
    EXPECT_FALSE(jobs::AttemptFence::enter(dispatcher_->folder(job.id), 1));
}

}  // namespace
}  // namespace img::testing
