// What every JobStore must do, whatever database is behind it: one suite, a URL for each.
//
// A test program includes this and says INSTANTIATE_TEST_SUITE_P(…, JobStoreSuite, …) with
// functions that open an empty store.
#pragma once

#include "jobs/job_store.hpp"

#include <atomic>
#include <functional>
#include <gtest/gtest.h>
#include <memory>
#include <set>
#include <string>
#include <thread>
#include <vector>

namespace img::testing {

using jobs::Job;
using jobs::JobEvent;
using jobs::JobFilter;
using jobs::JobState;
using jobs::Move;
using jobs::Progress;
using jobs::Time;

inline Time at(std::int64_t ms) {
    return Time(std::chrono::milliseconds(ms));
}

/// A queued job that no other one resembles.
inline Job some_job(const std::string& name) {
    return {.id = jobs::new_job_id(),
            .request = {.name = name,
                        .image_type = "raw",
                        .kickstart = "part / --size 1\n# ü \"' --\n",
                        .overlay = "vim,-nano",
                        .email = "a@example.org",
                        .template_name = "board"},
            .created = at(1'000)};
}

using OpenStore = std::function<std::unique_ptr<jobs::JobStore>()>;

class JobStoreSuite : public ::testing::TestWithParam<OpenStore> {
protected:
    Job added(const std::string& name) {
        auto job = some_job(name);
        EXPECT_TRUE(store_->add(job)) << name;
        return job;
    }
    std::optional<Job> moved(const Job& job, JobEvent event, unsigned attempt = 1) {
        auto result = store_->move({.id = job.id,
                                    .attempt = attempt,
                                    .event = event,
                                    .worker = "worker",
                                    .image = "a.raw",
                                    .error = "no room",
                                    .error_stage = "assemble",
                                    .now = at(2'000),
                                    .lease_end = at(32'000)});
        EXPECT_TRUE(result) << result.error().message;
        return result.value();
    }
    std::vector<jobs::Pending> outbox() { return store_->outbox(100).value(); }
    void send_all() {
        for (const auto& row : outbox()) {
            ASSERT_TRUE(store_->sent(row.row));
        }
    }

    std::unique_ptr<jobs::JobStore> store_ = GetParam()();
};

TEST_P(JobStoreSuite, GivesBackWhatWasAdded) {
    auto job = some_job("debian");
    job.request.kickstart = std::string("a\0b\xff", 4) + std::string(300'000, 'k');
    ASSERT_TRUE(store_->add(job));
    const auto found = store_->find(job.id).value();
    ASSERT_TRUE(found);
    EXPECT_EQ(found->id, job.id);
    EXPECT_EQ(found->request.name, "debian");
    EXPECT_EQ(found->request.image_type, "raw");
    EXPECT_EQ(found->request.kickstart, job.request.kickstart);
    EXPECT_EQ(found->request.overlay, "vim,-nano");
    EXPECT_EQ(found->request.email, "a@example.org");
    EXPECT_EQ(found->request.template_name, "board");
    EXPECT_EQ(found->state, JobState::queued);
    EXPECT_EQ(found->attempt, 1u);
    EXPECT_EQ(found->created, at(1'000));
    EXPECT_EQ(found->finished, at(0));
    EXPECT_EQ(store_->find(jobs::new_job_id()).value(), std::nullopt);
}

TEST_P(JobStoreSuite, OwesABuildOrderFromTheMomentOfAdding) {
    const auto job = added("debian");
    const auto rows = outbox();
    ASSERT_EQ(rows.size(), 1u);
    const auto& order = std::get<jobs::BuildOrder>(rows[0].order);
    EXPECT_EQ(order.id, job.id);
    EXPECT_EQ(order.attempt, 1u);
    EXPECT_EQ(order.request.kickstart, job.request.kickstart);
    EXPECT_EQ(order.request.overlay, "vim,-nano");
    ASSERT_TRUE(store_->sent(rows[0].row));
    EXPECT_TRUE(outbox().empty());
}

TEST_P(JobStoreSuite, RefusesASecondUnfinishedJobOfOneNameAndSaysWhichHasIt) {
    const auto first = added("debian");
    const auto second = store_->add(some_job("debian"));
    ASSERT_FALSE(second);
    EXPECT_EQ(second.error().fault, Fault::invalid);
    EXPECT_NE(second.error().message.find(first.id), std::string::npos) << second.error().message;
    EXPECT_EQ(outbox().size(), 1u);
    EXPECT_EQ(store_->count(JobState::queued).value(), 1u);

    ASSERT_TRUE(moved(first, JobEvent::start));
    EXPECT_FALSE(store_->add(some_job("debian")));
    ASSERT_TRUE(moved(first, JobEvent::succeed));
    EXPECT_TRUE(store_->add(some_job("debian")));
}

TEST_P(JobStoreSuite, RefusesTheSameIdTwice) {
    auto job = added("one");
    job.request.name = "two";
    EXPECT_FALSE(store_->add(job));
    EXPECT_EQ(store_->count(JobState::queued).value(), 1u);
}

TEST_P(JobStoreSuite, MovesAJobThroughItsLife) {
    const auto job = added("debian");
    const auto building = moved(job, JobEvent::start);
    ASSERT_TRUE(building);
    EXPECT_EQ(building->state, JobState::building);
    EXPECT_EQ(building->worker, "worker");
    EXPECT_EQ(building->started, at(2'000));
    EXPECT_EQ(building->lease_end, at(32'000));
    EXPECT_EQ(building->request.kickstart, job.request.kickstart);
    const auto done = moved(job, JobEvent::succeed);
    ASSERT_TRUE(done);
    EXPECT_EQ(done->state, JobState::done);
    EXPECT_EQ(done->image, "a.raw");
    EXPECT_EQ(done->finished, at(2'000));
    EXPECT_EQ(done->error, "");
    EXPECT_EQ(store_->find(job.id).value()->state, JobState::done);
}

TEST_P(JobStoreSuite, KeepsTheReasonOfAFailure) {
    const auto job = added("debian");
    ASSERT_TRUE(moved(job, JobEvent::start));
    const auto failed = moved(job, JobEvent::fail);
    ASSERT_TRUE(failed);
    EXPECT_EQ(failed->state, JobState::error);
    EXPECT_EQ(failed->error, "no room");
    EXPECT_EQ(failed->error_stage, "assemble");
    EXPECT_EQ(failed->image, "");
}

TEST_P(JobStoreSuite, AllowsExactlyTheMovesOfTheRules) {
    using enum JobEvent;
    const std::vector<std::pair<JobState, std::vector<JobEvent>>> ways = {
        {JobState::queued, {}},
        {JobState::building, {start}},
        {JobState::done, {start, succeed}},
        {JobState::error, {start, fail}},
        {JobState::cancelled, {cancel}},
    };
    int number = 0;
    for (const auto& [state, events] : ways) {
        for (const auto event : {start, succeed, fail, cancel, lose_worker}) {
            const auto job = added("job" + std::to_string(number++));
            for (const auto step : events) {
                ASSERT_TRUE(moved(job, step));
            }
            const auto before = store_->find(job.id).value();
            const auto after = moved(job, event);
            const auto expected = jobs::next(state, event);
            EXPECT_EQ(after.has_value(), expected.has_value()) << to_text(state);
            EXPECT_EQ(store_->find(job.id).value()->state, expected.value_or(before->state));
        }
    }
}

TEST_P(JobStoreSuite, LeavesAnotherAttemptAlone) {
    const auto job = added("debian");
    EXPECT_FALSE(moved(job, JobEvent::start, 2));
    ASSERT_TRUE(moved(job, JobEvent::start));
    const auto again = moved(job, JobEvent::lose_worker);
    ASSERT_TRUE(again);
    EXPECT_EQ(again->state, JobState::queued);
    EXPECT_EQ(again->attempt, 2u);
    EXPECT_EQ(again->worker, "");
    EXPECT_EQ(again->started, at(0));
    EXPECT_FALSE(moved(job, JobEvent::start, 1));
    ASSERT_TRUE(moved(job, JobEvent::start, 2));
    EXPECT_FALSE(moved(job, JobEvent::succeed, 1)) << "an older attempt came back";
    EXPECT_FALSE(moved(job, JobEvent::fail, 1));
    EXPECT_FALSE(store_->beat(job.id, 1, {}, at(99'000)).value());
    EXPECT_TRUE(moved(job, JobEvent::succeed, 2));
}

TEST_P(JobStoreSuite, OwesAnotherBuildOrderForALostWorker) {
    const auto job = added("debian");
    send_all();
    ASSERT_TRUE(moved(job, JobEvent::start));
    ASSERT_TRUE(moved(job, JobEvent::lose_worker));
    const auto rows = outbox();
    ASSERT_EQ(rows.size(), 1u);
    EXPECT_EQ(std::get<jobs::BuildOrder>(rows[0].order).attempt, 2u);
    EXPECT_EQ(std::get<jobs::BuildOrder>(rows[0].order).request.kickstart, job.request.kickstart);
}

TEST_P(JobStoreSuite, OwesACancelOrderInPlaceOfABuildOrder) {
    const auto job = added("debian");
    ASSERT_TRUE(moved(job, JobEvent::cancel));
    const auto rows = outbox();
    ASSERT_EQ(rows.size(), 1u);
    EXPECT_EQ(std::get<jobs::CancelOrder>(rows[0].order).id, job.id);
}

TEST_P(JobStoreSuite, KeepsProgressAndRenewsTheLeaseOfABuildOnly) {
    const auto job = added("debian");
    const Progress progress{
        .stage = "fetch", .done = 3, .total = 9, .unit = "packages", .text = "getting libc6"};
    EXPECT_FALSE(store_->beat(job.id, 1, progress, at(40'000)).value()) << "it only waits";
    ASSERT_TRUE(moved(job, JobEvent::start));
    EXPECT_TRUE(store_->beat(job.id, 1, progress, at(40'000)).value());
    const auto found = store_->find(job.id).value();
    EXPECT_EQ(found->progress.stage, "fetch");
    EXPECT_EQ(found->progress.done, 3u);
    EXPECT_EQ(found->progress.total, 9u);
    EXPECT_EQ(found->progress.unit, "packages");
    EXPECT_EQ(found->progress.text, "getting libc6");
    EXPECT_EQ(found->lease_end, at(40'000));
    ASSERT_TRUE(moved(job, JobEvent::lose_worker));
    EXPECT_EQ(store_->find(job.id).value()->progress.stage, "");
}

TEST_P(JobStoreSuite, FindsLeasesThatHaveEnded) {
    const auto late = added("late");
    const auto good = added("good");
    added("waiting");
    ASSERT_TRUE(moved(late, JobEvent::start));
    ASSERT_TRUE(moved(good, JobEvent::start));
    ASSERT_TRUE(store_->beat(good.id, 1, {}, at(50'000)).value());
    EXPECT_TRUE(store_->expired(at(32'000)).value().empty());
    const auto expired = store_->expired(at(32'001)).value();
    ASSERT_EQ(expired.size(), 1u);
    EXPECT_EQ(expired[0].id, late.id);
    EXPECT_EQ(expired[0].worker, "worker");
}

TEST_P(JobStoreSuite, ListsNewestFirstPageByPage) {
    std::vector<std::string> newest_first;
    for (int i = 0; i < 7; ++i) {
        newest_first.insert(newest_first.begin(), added("job" + std::to_string(i)).id);
    }
    std::vector<std::string> listed;
    JobFilter filter{.limit = 3};
    for (int page = 0; page < 3; ++page) {
        const auto jobs = store_->list(filter).value();
        EXPECT_EQ(jobs.size(), page < 2 ? 3u : 1u);
        for (const auto& job : jobs) {
            listed.push_back(job.id);
        }
        filter.before = listed.back();
    }
    EXPECT_EQ(listed, newest_first);
    EXPECT_TRUE(store_->list(filter).value().empty());
}

TEST_P(JobStoreSuite, ListsJobsOfOneState) {
    const auto first = added("first");
    added("second");
    const auto third = added("third");
    ASSERT_TRUE(moved(first, JobEvent::start));
    ASSERT_TRUE(moved(third, JobEvent::start));
    const auto building = store_->list({.state = JobState::building}).value();
    ASSERT_EQ(building.size(), 2u);
    EXPECT_EQ(building[0].id, third.id);
    EXPECT_EQ(building[1].id, first.id);
    const auto rest = store_->list({.state = JobState::building, .before = third.id}).value();
    ASSERT_EQ(rest.size(), 1u);
    EXPECT_EQ(rest[0].id, first.id);
}

TEST_P(JobStoreSuite, HasNoPageAfterAJobThatIsNotThere) {
    const auto listed = store_->list({.before = jobs::new_job_id()});
    ASSERT_FALSE(listed);
    EXPECT_EQ(listed.error().fault, Fault::missing);
}

TEST_P(JobStoreSuite, CountsTheJobsOfEachState) {
    const auto first = added("first");
    added("second");
    EXPECT_EQ(store_->count(JobState::queued).value(), 2u);
    ASSERT_TRUE(moved(first, JobEvent::start));
    EXPECT_EQ(store_->count(JobState::queued).value(), 1u);
    EXPECT_EQ(store_->count(JobState::building).value(), 1u);
    ASSERT_TRUE(moved(first, JobEvent::lose_worker));
    EXPECT_EQ(store_->count(JobState::queued).value(), 2u);
    EXPECT_EQ(store_->count(JobState::building).value(), 0u);
    EXPECT_EQ(store_->count(JobState::done).value(), 0u);
}

TEST_P(JobStoreSuite, TellsHowManyWaitBefore) {
    const auto first = added("first");
    const auto second = added("second");
    const auto third = added("third");
    EXPECT_EQ(store_->queue_position(first.id).value(), 0u);
    EXPECT_EQ(store_->queue_position(third.id).value(), 2u);
    ASSERT_TRUE(moved(second, JobEvent::cancel));
    EXPECT_EQ(store_->queue_position(third.id).value(), 1u);
}

TEST_P(JobStoreSuite, RingsAgainForWhatIsQueuedAndNotInTheOutbox) {
    const auto first = added("first");
    const auto started = added("started");
    const auto second = added("second");
    send_all();
    ASSERT_TRUE(moved(started, JobEvent::start));
    const auto unsent = added("unsent");
    EXPECT_EQ(store_->ring_again().value(), 2u);
    EXPECT_EQ(store_->ring_again().value(), 0u);
    std::vector<std::string> ids;
    for (const auto& row : outbox()) {
        ids.push_back(std::get<jobs::BuildOrder>(row.order).id);
    }
    EXPECT_EQ(ids, (std::vector{unsent.id, first.id, second.id}));
}

TEST_P(JobStoreSuite, LetsOneOfManyStartAJob) {
    const auto job = added("debian");
    std::atomic<int> winners = 0;
    {
        std::vector<std::jthread> workers;
        for (int i = 0; i < 8; ++i) {
            workers.emplace_back([&, i] {
                const auto won = store_->move({.id = job.id,
                                               .event = JobEvent::start,
                                               .worker = "worker" + std::to_string(i),
                                               .now = at(2'000),
                                               .lease_end = at(32'000)});
                winners += won && won->has_value() ? 1 : 0;
            });
        }
    }
    EXPECT_EQ(winners, 1);
}

TEST_P(JobStoreSuite, TakesAddsOfManyThreadsAtOnce) {
    constexpr int kThreads = 8, kEach = 25;
    std::atomic<int> refused = 0;
    {
        std::vector<std::jthread> threads;
        for (int i = 0; i < kThreads; ++i) {
            threads.emplace_back([&, i] {
                for (int j = 0; j < kEach; ++j) {
                    // Every fifth name is wanted by all threads, and only one of them gets it.
                    const auto name = j % 5 == 0 ? "shared" + std::to_string(j)
                                                 : std::to_string(i) + "-" + std::to_string(j);
                    const auto result = store_->add(some_job(name));
                    refused += !result && result.error().fault == Fault::invalid ? 1 : 0;
                    EXPECT_TRUE(store_->list({.limit = 5}));
                }
            });
        }
    }
    EXPECT_EQ(refused, (kThreads - 1) * kEach / 5);
    EXPECT_EQ(store_->count(JobState::queued).value(),
              static_cast<std::uint64_t>(kThreads * kEach - refused));
}

}  // namespace img::testing
