// What move() of every JobStore must do: the life of a job, progress, leases of builds.
#pragma once

#include "tests/support/job_store/fixture.hpp"

#include <atomic>
#include <gtest/gtest.h>
#include <string>
#include <thread>
#include <utility>
#include <vector>

namespace img::testing {

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
    EXPECT_EQ(done->place, "s3://images/a");
    EXPECT_EQ(done->size, 5'000'000'000u);
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
        for (const auto event : {start, succeed, fail, cancel, lose_worker, give_again}) {
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

TEST_P(JobStoreSuite, GivesAnOrderAgainAsAnotherAttemptThatLostNoWorker) {
    const auto job = added("debian");
    const auto again = moved(job, JobEvent::give_again);
    ASSERT_TRUE(again);
    EXPECT_EQ(again->state, JobState::queued);
    EXPECT_EQ(again->attempt, 2u);
    EXPECT_EQ(again->losses, 0u);
    EXPECT_EQ(again->request.kickstart, job.request.kickstart);
    EXPECT_FALSE(moved(job, JobEvent::give_again)) << "somebody else was first";
    EXPECT_FALSE(moved(job, JobEvent::start)) << "the first order came late";
    EXPECT_EQ(store_->queued(0, 10).value().at(0).attempt, 2u);
    ASSERT_TRUE(moved(job, JobEvent::start, 2));
    EXPECT_FALSE(moved(job, JobEvent::give_again, 2)) << "it has begun";
    const auto lost = moved(job, JobEvent::lose_worker, 2);
    ASSERT_TRUE(lost);
    EXPECT_EQ(lost->attempt, 3u);
    EXPECT_EQ(lost->losses, 1u);
    EXPECT_EQ(store_->find(job.id).value()->losses, 1u);
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

}  // namespace img::testing
