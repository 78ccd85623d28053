#include "jobs/dispatcher.hpp"

#include "jobs/attempt_fence.hpp"
#include "tests/support/fake_job_queue.hpp"
#include "tests/support/fake_job_store.hpp"
#include "tests/support/job_store_suite.hpp"
#include "tests/support/temp_folder.hpp"

#include <fstream>
#include <gtest/gtest.h>

namespace img::testing {
namespace {

using jobs::Dispatcher;
using jobs::Report;

// The double that these tests stand on behaves as a store must.
INSTANTIATE_TEST_SUITE_P(Fake, JobStoreSuite, ::testing::Values([] {
                             return std::make_unique<FakeJobStore>();
                         }));

constexpr std::string_view kFailed = "IMG FAILED MISERABLY IN CREATING THE IMAGE!\n";

class DispatcherTest : public ::testing::Test {
protected:
    DispatcherTest() { restart(); }

    void restart() {
        dispatcher_.reset();
        dispatcher_ = std::make_unique<Dispatcher>(
            store_, queue_, feed_,
            jobs::DispatcherOptions{.www_root = folder_.path(),
                                    .sweep = std::chrono::milliseconds(5),
                                    .clock = [this] { return at(now_); },
                                    .local_worker_prefix = "local-",
                                    .live_worker = "local-new"});
    }
    jobs::Job submitted(const std::string& name = "debian") {
        return dispatcher_
            ->submit({.name = name, .image_type = "raw", .kickstart = "part / --size 1\n"})
            .value();
    }
    void report(const jobs::Job& job,
                decltype(Report::what) what,
                unsigned attempt = 1,
                const std::string& worker = "w1") {
        ASSERT_TRUE(queue_.send(
            {.id = job.id, .attempt = attempt, .worker = worker, .what = std::move(what)}));
    }
    jobs::Job now(const jobs::Job& job) { return store_.find(job.id).value().value(); }
    std::string log(const jobs::Job& job) {
        std::ifstream in(dispatcher_->log_file(job));
        return {std::istreambuf_iterator(in), {}};
    }
    /// Until the sweeper has brought it about.
    bool soon(const std::function<bool()>& holds) {
        for (int i = 0; i < 1000 && !holds(); ++i) {
            std::this_thread::sleep_for(std::chrono::milliseconds(5));
        }
        return holds();
    }

    TempFolder folder_;
    std::atomic<std::int64_t> now_ = 1'000'000;
    FakeJobStore store_;
    FakeJobQueue queue_;
    jobs::JobFeed feed_;
    std::unique_ptr<Dispatcher> dispatcher_;
};

TEST_F(DispatcherTest, PutsTheKickstartIntoTheJobsFolderAndRings) {
    const auto job = submitted();
    std::ifstream file(dispatcher_->folder(job.id) / "debian.ks");
    EXPECT_EQ(std::string(std::istreambuf_iterator(file), {}), "part / --size 1\n");
    const auto orders = queue_.builds(1);
    ASSERT_EQ(orders.size(), 1u);
    EXPECT_EQ(orders[0].id, job.id);
    EXPECT_EQ(orders[0].request.kickstart, "part / --size 1\n");
}

TEST_F(DispatcherTest, RefusesANameThatIsNoneOrInUseAndLeavesNoFolder) {
    submitted();
    for (const std::string& name : std::vector<std::string>{"debian", "../x", "", "-o"}) {
        const auto refused = dispatcher_->submit({.name = name, .image_type = "raw"});
        ASSERT_FALSE(refused) << name;
        EXPECT_EQ(refused.error().fault, Fault::invalid);
    }
    EXPECT_EQ(std::distance(std::filesystem::directory_iterator(folder_.path()), {}), 1);
    EXPECT_FALSE(dispatcher_->submit(
        {.name = "big", .image_type = "raw", .kickstart = std::string(10 << 20, 'x')}));
}

TEST_F(DispatcherTest, TakesAJobFromStartToImage) {
    const auto job = submitted();
    report(job, Report::Started{});
    EXPECT_EQ(now(job).state, JobState::building);
    EXPECT_EQ(now(job).lease_end, at(1'030'000));
    now_ += 5'000;
    report(job, Report::Beat{{.stage = "fetch", .done = 1, .total = 2}});
    EXPECT_EQ(now(job).progress.stage, "fetch");
    EXPECT_EQ(now(job).lease_end, at(1'035'000));
    report(job, Report::Log{.offset = 0, .text = "one\n"});
    report(job, Report::Log{.offset = 4, .text = "two\n"});
    EXPECT_EQ(log(job), "one\ntwo\n");
    report(job, Report::Done{"debian.raw"});
    EXPECT_EQ(now(job).state, JobState::done);
    EXPECT_EQ(now(job).image, "debian.raw");
    report(job, Report::Failed{.stage = "fetch", .error = "too late"});
    EXPECT_EQ(now(job).state, JobState::done) << "finished is finished";
    EXPECT_EQ(log(job), "one\ntwo\n");
}

TEST_F(DispatcherTest, EndsTheLogOfAFailureWithTheLineAndTheReason) {
    const auto job = submitted();
    report(job, Report::Started{});
    report(job, Report::Log{.offset = 0, .text = "half a line"});
    report(job, Report::Failed{.stage = "scripts", .error = "%post (line 4): exit 3"});
    EXPECT_EQ(now(job).state, JobState::error);
    EXPECT_EQ(now(job).error_stage, "scripts");
    EXPECT_EQ(log(job), "half a line\n" + std::string(kFailed) + "%post (line 4): exit 3\n");
}

TEST_F(DispatcherTest, QueuesTheJobOfALostWorkerAgainAndRefusesItFromThen) {
    const auto job = submitted();
    report(job, Report::Started{});
    report(job, Report::Log{.offset = 0, .text = "one\n"});
    now_ += 30'001;
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

TEST_F(DispatcherTest, ClosesTheFenceToALostWorkerBeforeAnotherMayStart) {
    const auto job = submitted();
    report(job, Report::Started{});
    EXPECT_TRUE(jobs::AttemptFence::enter(dispatcher_->folder(job.id), 1));
    now_ += 30'001;
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
        now_ += 30'001;
        ASSERT_TRUE(soon([&] { return now(job).state != JobState::building; }));
    }
    EXPECT_EQ(now(job).state, JobState::error);
    EXPECT_NE(now(job).error.find("lost its worker 3 times"), std::string::npos);
    EXPECT_NE(log(job).find(std::string(kFailed) + now(job).error), std::string::npos);
    EXPECT_EQ(queue_.builds(3).size(), 3u);
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

TEST_F(DispatcherTest, CancelsOnceAndTellsTheWorkers) {
    const auto job = submitted();
    report(job, Report::Started{});
    const auto cancelled = dispatcher_->cancel(job.id);
    ASSERT_TRUE(cancelled);
    EXPECT_EQ(cancelled->state, JobState::cancelled);
    EXPECT_EQ(queue_.cancels(1).at(0).id, job.id);
    EXPECT_EQ(log(job), "--- cancelled ---\n");
    EXPECT_FALSE(jobs::AttemptFence::enter(dispatcher_->folder(job.id), 1));
    report(job, Report::Done{"debian.raw"});
    report(job, Report::Stopped{});
    EXPECT_EQ(now(job).state, JobState::cancelled);
    EXPECT_EQ(dispatcher_->cancel(job.id).error().fault, Fault::invalid);
    EXPECT_EQ(dispatcher_->cancel(jobs::new_job_id()).error().fault, Fault::missing);
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

TEST_F(DispatcherTest, RingsAgainAfterARestartWhereTheQueueForgets) {
    submitted();
    ASSERT_EQ(queue_.builds(1).size(), 1u);
    restart();
    EXPECT_EQ(queue_.builds(2).size(), 2u);
    queue_.durable = true;
    restart();
    std::this_thread::sleep_for(std::chrono::milliseconds(50));
    EXPECT_EQ(queue_.builds(2).size(), 2u);
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

TEST_F(DispatcherTest, KeepsOrdersWhileTheQueueIsAway) {
    queue_.is_away = true;
    submitted();
    std::this_thread::sleep_for(std::chrono::milliseconds(30));
    EXPECT_EQ(queue_.builds(0).size(), 0u);
    queue_.is_away = false;
    EXPECT_EQ(queue_.builds(1).size(), 1u);
}

TEST_F(DispatcherTest, HearsAReportLaterThatTheStoreCouldNotTake) {
    const auto job = submitted();
    report(job, Report::Started{});
    store_.failures = 3;
    report(job, Report::Done{"debian.raw"});
    report(job, Report::Beat{{.stage = "late"}});
    EXPECT_TRUE(soon([&] { return now(job).state == JobState::done; }));
}

TEST_F(DispatcherTest, MendsAKickstartThatAPowerCutTook) {
    const auto job = submitted();
    const auto file = dispatcher_->folder(job.id) / "debian.ks";
    std::filesystem::resize_file(file, 0);
    report(job, Report::Started{});
    EXPECT_EQ(std::filesystem::file_size(file), job.request.kickstart.size());
}

TEST_F(DispatcherTest, RefusesAnImageNameThatIsAPath) {
    const auto job = submitted();
    report(job, Report::Started{});
    report(job, Report::Done{"../../etc/shadow"});
    EXPECT_EQ(now(job).state, JobState::error);
    EXPECT_EQ(now(job).image, "");
}

TEST_F(DispatcherTest, RenewsTheLeaseOnALogThatGrowsWithoutBeats) {
    const auto job = submitted();
    report(job, Report::Started{});
    for (std::uint64_t i = 0; i < 10; ++i) {
        now_ += 11'000;
        report(job, Report::Log{.offset = i, .text = "."});
        std::this_thread::sleep_for(std::chrono::milliseconds(10));
    }
    EXPECT_EQ(now(job).attempt, 1u);
    EXPECT_EQ(now(job).state, JobState::building);
}

TEST_F(DispatcherTest, TellsWatchersOfEveryChange) {
    const auto job = submitted();
    std::atomic<int> calls = 0;
    const auto token = feed_.watch(job.id, [&] { ++calls; });
    report(job, Report::Started{});
    EXPECT_EQ(calls, 1);
    report(job, Report::Log{.offset = 0, .text = "x"});
    EXPECT_EQ(calls, 2);
    ASSERT_TRUE(dispatcher_->cancel(job.id));
    EXPECT_EQ(calls, 3);
}

}  // namespace
}  // namespace img::testing
