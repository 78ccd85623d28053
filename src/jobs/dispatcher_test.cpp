#include "tests/support/dispatching.hpp"
#include "tests/support/job_store_suite.hpp"

#include <algorithm>
#include <fmt/format.h>
#include <gtest/gtest.h>

namespace img::testing {
namespace {

using jobs::JobState;
using jobs::Report;

// The double that these tests stand on behaves as a store must.
INSTANTIATE_TEST_SUITE_P(Fake, JobStoreSuite, ::testing::Values([] {
                             return std::make_unique<FakeJobStore>();
                         }));

TEST_F(DispatcherTest, PutsTheKickstartIntoTheJobsFolderAndSendsItToAWorker) {
    const auto job = submitted();
    std::ifstream file(dispatcher_->folder(job.id) / "debian.ks");
    EXPECT_EQ(std::string(std::istreambuf_iterator(file), {}), request("debian").kickstart);
    const auto orders = queue_.builds(1);
    ASSERT_EQ(orders.size(), 1u);
    EXPECT_EQ(orders[0].id, job.id);
    EXPECT_EQ(orders[0].request.kickstart, request("debian").kickstart);
    EXPECT_EQ(orders[0].worker, "w1");
}

TEST_F(DispatcherTest, RefusesANameThatIsNoneOrInUseAndLeavesNoFolder) {
    submitted();
    for (const std::string& name : std::vector<std::string>{"debian", "../x", "", "-o"}) {
        const auto refused =
            dispatcher_->submit({.name = name, .image_type = "raw", .kickstart = "another\n"});
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

TEST_F(DispatcherTest, GivesNoReceiptBeforeAReportIsStored) {
    const auto job = submitted();
    report(job, Report::Started{});
    EXPECT_EQ(queue_.unheard, 0);
    store_.is_away = true;
    report(job, Report::Done{"debian.raw"});
    report(job, Report::Done{"debian.raw"});  // sent again, after the broker's connection broke
    report(job, Report::Beat{});
    EXPECT_EQ(queue_.unheard, 2);
    store_.is_away = false;
    EXPECT_TRUE(soon([&] { return queue_.unheard == 0; }));
    EXPECT_EQ(now(job).state, JobState::done);
}

TEST_F(DispatcherTest, HearsOtherJobsWhileAReportCannotBeStored) {
    const auto stuck = submitted("stuck");
    const auto other = submitted("other");
    const auto lost = submitted("lost");
    for (const auto& job : {stuck, other, lost}) {
        report(job, Report::Started{});
    }
    store_.is_full = true;
    report(stuck, Report::Done{"debian.raw"});
    report(other, Report::Failed{.stage = "fetch", .error = "no such mirror"});
    EXPECT_EQ(now(other).state, JobState::error);
    jump(30'001);
    ASSERT_TRUE(soon([&] { return now(lost).attempt == 2; }));
    EXPECT_EQ(now(stuck).attempt, 1u) << "its build is done";
    store_.is_full = false;
    EXPECT_TRUE(soon([&] { return now(stuck).state == JobState::done; }));
    EXPECT_EQ(queue_.unheard, 0);
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

TEST_F(DispatcherTest, JoinsTheSameRequestUnlessItIsToBeFresh) {
    const auto first = dispatcher_->submit(request("debian")).value();
    const auto second = dispatcher_->submit(request("debian")).value();
    EXPECT_FALSE(first.is_joined);
    EXPECT_TRUE(second.is_joined);
    EXPECT_EQ(second.job.id, first.job.id);
    auto fresh = request("debian");
    fresh.is_fresh = true;
    const auto refused = dispatcher_->submit(fresh);
    ASSERT_FALSE(refused) << "it would be a second one of that name";
    EXPECT_NE(refused.error().message.find(first.job.id), std::string::npos);
    report(first.job, Report::Started{});
    report(first.job, Report::Done{"debian.raw"});
    EXPECT_NE(dispatcher_->submit(fresh).value().job.id, first.job.id);
    EXPECT_EQ(std::distance(std::filesystem::directory_iterator(folder_.path()), {}), 2);
}

TEST_F(DispatcherTest, BuildsAgainWhatWasDoneLongAgo) {
    const auto first = submitted();
    report(first, Report::Started{});
    report(first, Report::Done{"debian.raw"});
    now_ += 30 * 60'000;
    EXPECT_EQ(submitted().id, first.id);
    now_ += 31 * 60'000;
    EXPECT_NE(submitted().id, first.id);
}

TEST_F(DispatcherTest, AReferenceMakesASubmitIdempotent) {
    auto one = request("debian");
    one.reference = "client-7";
    const auto first = dispatcher_->submit(one).value();
    one.is_fresh = true;
    const auto second = dispatcher_->submit(one).value();
    EXPECT_TRUE(second.is_joined);
    EXPECT_EQ(second.job.id, first.job.id);
    one.kickstart = "another text\n";
    EXPECT_EQ(dispatcher_->submit(one).error().fault, Fault::invalid);
}

TEST_F(DispatcherTest, RefusesJobsWhileTheDiskIsFull) {
    auto full = options();
    full.disk_floor = std::numeric_limits<std::uint64_t>::max();
    restart(full);
    const auto refused = dispatcher_->submit(request("debian"));
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().fault, Fault::exhausted);
    EXPECT_NE(refused.error().message.find("are free, new jobs need"), std::string::npos);
    EXPECT_TRUE(std::filesystem::is_empty(folder_.path()));
}

TEST_F(DispatcherTest, TellsTheDoorOfEveryStateInItsOrder) {
    const auto job = submitted();
    report(job, Report::Started{});
    report(job, Report::Done{"debian.raw"});
    using enum jobs::JobState;
    ASSERT_TRUE(soon([&] { return door_.states().size() == 3; }));
    EXPECT_EQ(door_.states(), (std::vector{queued, building, done}));
}

TEST_F(DispatcherTest, SendsNoOrderWithoutAFreeSlot) {
    present("w1", 0);
    const auto job = submitted();
    std::this_thread::sleep_for(std::chrono::milliseconds(30));
    EXPECT_EQ(queue_.builds(0).size(), 0u);
    ASSERT_TRUE(soon([&] { return dispatcher_->outlook(job.id).has_value(); }));
    EXPECT_EQ(dispatcher_->outlook(job.id)->why, "the only worker is busy");
    present("w1", 1);
    EXPECT_EQ(queue_.builds(1).size(), 1u);
}

TEST_F(DispatcherTest, KeepsWhatTheWorkerSaysOfImagesElsewhere) {
    const auto job = submitted();
    report(job, Report::Started{});
    report(job, Report::Done{.image = "debian.raw",
                             .size = 7,
                             .place = "s3://images/debian",
                             .manifest = "{\"artifacts\":[]}"});
    EXPECT_EQ(now(job).place, "s3://images/debian");
    EXPECT_EQ(now(job).size, 7u);
    std::ifstream file(dispatcher_->folder(job.id) / "manifest.json");
    EXPECT_EQ(std::string(std::istreambuf_iterator(file), {}), "{\"artifacts\":[]}");
}

TEST_F(DispatcherTest, NotesWorkersForOtherServices) {
    // w1 of restart() is among them where the dispatcher led by the time it came.
    const auto free_of_w7 = [this]() -> std::optional<unsigned> {
        const auto workers = store_.workers(at(now_)).value();
        const auto found = std::ranges::find(workers, "w7", &jobs::Presence::worker);
        return found == workers.end() ? std::nullopt : std::optional(found->free);
    };
    present("w7", 3);
    ASSERT_EQ(free_of_w7(), 3u);
    for (unsigned i = 0; i < 10; ++i) {
        present("w7", i);
    }
    EXPECT_EQ(free_of_w7(), 3u) << "a burst is written down once";
    now_ += 3'001;
    present("w7", 5);
    EXPECT_EQ(free_of_w7(), 5u);
}

}  // namespace
}  // namespace img::testing
