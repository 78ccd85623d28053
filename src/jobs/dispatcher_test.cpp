#include "jobs/dispatcher.hpp"

#include "jobs/attempt_fence.hpp"
#include "tests/support/fake_job_queue.hpp"
#include "tests/support/fake_job_store.hpp"
#include "tests/support/job_store_suite.hpp"
#include "tests/support/temp_folder.hpp"

#include <algorithm>
#include <fmt/format.h>
#include <fstream>
#include <gtest/gtest.h>

namespace img::testing {
namespace {

using jobs::Dispatcher;
using jobs::JobState;
using jobs::Report;

// The double that these tests stand on behaves as a store must.
INSTANTIATE_TEST_SUITE_P(Fake, JobStoreSuite, ::testing::Values([] {
                             return std::make_unique<FakeJobStore>();
                         }));

constexpr std::string_view kFailed = "IMG FAILED MISERABLY IN CREATING THE IMAGE!\n";

/// Keeps what it was told.
class FakeFrontDoor : public jobs::FrontDoor {
public:
    Token on_request(std::function<jobs::Verdict(const jobs::ForeignRequest&)>,
                     std::function<void(const jobs::RefusedMessage&)>) override {
        return {};
    }
    Token on_inquiry(
        std::function<Result<std::optional<jobs::StatusNotice>>(const std::string&)>) override {
        return {};
    }
    std::function<Result<void>()> before_send = [] { return Result<void>(); };

    Result<void> send(const jobs::StatusNotice& notice) override {
        TRY(before_send());
        const std::lock_guard lock(mutex_);
        states_.push_back(notice.job.state);
        return {};
    }
    std::vector<jobs::JobState> states() {
        const std::lock_guard lock(mutex_);
        return states_;
    }

private:
    std::mutex mutex_;
    std::vector<jobs::JobState> states_;
};

class DispatcherTest : public ::testing::Test {
protected:
    /// Of 5 ms each.
    static constexpr auto kSeveralSweeps = std::chrono::milliseconds(100);

    DispatcherTest() { restart(); }

    jobs::DispatcherOptions options() {
        return {.www_root = folder_.path(),
                .sweep = std::chrono::milliseconds(5),
                .clock = [this] { return at(now_); },
                .holder = "one",
                .door = &door_,
                .retention_pause = std::chrono::milliseconds(20),
                .local_worker_prefix = "local-",
                .live_worker = "local-new",
                .trouble =
                    [this](const Error& error) {
                        troubles_ += error.message.contains(".attempt") ? 1 : 0;
                    }};
    }
    void restart() { restart(options()); }
    /// With a worker that has room for all, as most tests are about something else.
    void restart(jobs::DispatcherOptions options) {
        dispatcher_.reset();
        dispatcher_ = std::make_unique<Dispatcher>(store_, queue_, feed_, std::move(options));
        present("w1", 10);
        ASSERT_TRUE(soon([this] { return dispatcher_->is_leading(); }));
    }
    void present(const std::string& worker, unsigned free, std::vector<std::string> building = {}) {
        ASSERT_TRUE(queue_.send(jobs::Presence{
            .worker = worker, .slots = 10, .free = free, .building = std::move(building)}));
    }
    static jobs::JobRequest request(const std::string& name) {
        return {.name = name, .image_type = "raw", .kickstart = "part / --size 1\n# " + name};
    }
    jobs::Job submitted(const std::string& name = "debian") {
        return dispatcher_->submit(request(name)).value().job;
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
    /// Further than the lease of who leads: where the sweeper is between two looks at the clock
    /// that may differ, for it would think that it had been asleep, and give the lead up.
    void jump(std::int64_t milliseconds) {
        store_.do_in_outbox([&] { now_ += milliseconds; });
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
    FakeFrontDoor door_;
    std::atomic<int> troubles_ = 0;  ///< About fences.
    jobs::JobFeed feed_;
    std::unique_ptr<Dispatcher> dispatcher_;
};

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

TEST_F(DispatcherTest, RemovesImagesThatAreTooMany) {
    auto one_only = options();
    one_only.retention.limits.total_count = 1;
    restart(one_only);
    const auto old = submitted("old");
    const auto young = submitted("young");
    for (const auto& job : {old, young}) {
        report(job, Report::Started{});
        report(job, Report::Done{"image.raw"});
        now_ += 100;
    }
    ASSERT_TRUE(soon([&] {
        now_ += 100;
        return now(old).removed != jobs::Time{};
    }));
    EXPECT_EQ(now(young).removed, jobs::Time{});
}

/// As an S3 service whose connections hang.
class HangingPlace : public jobs::ImagesElsewhere {
public:
    bool reaches(const std::string&) const override { return true; }
    Result<void> remove(const jobs::KeptImage&, const std::stop_token& stop) override {
        is_asked = true;
        while (!stop.stop_requested()) {
            std::this_thread::sleep_for(std::chrono::milliseconds(1));
        }
        return fail(Fault::transient, "stopped");
    }
    std::atomic<bool> is_asked = false;
};

TEST_F(DispatcherTest, WaitsForNoPlaceWhereImagesAreRemoved) {
    HangingPlace place;
    auto one_only = options();
    one_only.retention = {.limits = {.total_count = 1}, .elsewhere = &place};
    restart(one_only);
    const auto old = submitted("old");
    const auto young = submitted("young");
    for (const auto& job : {old, young}) {
        report(job, Report::Started{});
        report(job, Report::Done{.image = "image.raw", .place = "s3://images/x/"});
        now_ += 100;
    }
    ASSERT_TRUE(soon([&] {
        now_ += 100;
        return place.is_asked.load();
    }));
    EXPECT_NE(now(old).removed, jobs::Time{});
    const auto next = submitted("next");
    EXPECT_TRUE(soon([&] {
        return std::ranges::count(queue_.builds(1), next.id, &jobs::BuildOrder::id) == 1;
    })) << "it is given out";
    dispatcher_.reset();  // and the place is not waited for here either
}

TEST_F(DispatcherTest, RemovesTheFolderOfASubmitThatWasCutOff) {
    const auto folder = folder_.path() / jobs::new_job_id();
    std::filesystem::create_directory(folder);
    std::ofstream(folder / "debian.ks") << "x";
    const auto since_1970 = std::chrono::system_clock::now().time_since_epoch();
    now_ =
        std::chrono::duration_cast<std::chrono::milliseconds>(since_1970).count() + 2 * 3'600'000;
    EXPECT_TRUE(soon([&] {
        now_ += 1'000;
        return !std::filesystem::exists(folder);
    }));
}

TEST_F(DispatcherTest, RemovesWhatACancelledJobHadPublished) {
    const auto job = submitted();
    report(job, Report::Started{});
    const auto image = dispatcher_->folder(job.id) / "debian.raw";
    std::ofstream(image) << "x";
    ASSERT_TRUE(dispatcher_->cancel(job.id));
    report(job, Report::Done{"debian.raw"});
    dispatcher_.reset();
    now_ += 7'200'000;
    restart();
    EXPECT_TRUE(soon([&] { return !std::filesystem::exists(image); }));
    EXPECT_TRUE(std::filesystem::exists(dispatcher_->folder(job.id) / "debian.ks"));
    EXPECT_TRUE(std::filesystem::exists(dispatcher_->log_file(job)));
}

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
