// What every JobStore must tell of many jobs: pages, counts, the queue, images that are there.
#pragma once

#include "tests/support/job_store/fixture.hpp"

#include <chrono>
#include <gtest/gtest.h>
#include <string>
#include <vector>

namespace img::testing {

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

TEST_P(JobStoreSuite, TellsWhatWaitsInTheOrderInWhichItCame) {
    const auto first = added("first");
    const auto second = added("second");
    auto third = some_job("third");
    third.request.email.clear();
    add(third);
    ASSERT_TRUE(moved(second, JobEvent::start));
    const auto waiting = store_->queued(0, 100).value();
    ASSERT_EQ(waiting.size(), 2u);
    EXPECT_EQ(waiting[0].id, first.id);
    EXPECT_EQ(waiting[0].attempt, 1u);
    EXPECT_EQ(waiting[0].user, "anna@example.org");
    EXPECT_EQ(waiting[0].name, "first");
    EXPECT_EQ(waiting[0].image_type, "raw");
    EXPECT_EQ(waiting[0].architecture, "arm64");
    EXPECT_EQ(waiting[0].priority, -3);
    EXPECT_EQ(waiting[0].created, at(1'000));
    EXPECT_EQ(waiting[1].id, third.id);
    EXPECT_EQ(waiting[1].user, "anonymous");
    ASSERT_TRUE(moved(second, JobEvent::lose_worker));
    const auto all = store_->queued(0, 100).value();
    ASSERT_EQ(all.size(), 3u);
    EXPECT_EQ(all[1].id, second.id) << "it keeps its place";
    EXPECT_EQ(all[1].attempt, 2u);
    EXPECT_LT(all[0].row, all[1].row);
    EXPECT_EQ(store_->queued(all[0].row, 1).value().front().id, second.id);
    EXPECT_TRUE(store_->queued(all[2].row, 100).value().empty());
}

TEST_P(JobStoreSuite, RemembersHowLongTheLastBuildsTook) {
    done("first", 7'000);
    done("second", 2'500);
    ASSERT_TRUE(moved(added("failed"), JobEvent::fail));
    const auto history = store_->history(10).value();
    ASSERT_EQ(history.size(), 2u);
    EXPECT_EQ(history[0].name, "first") << "that which ended last";
    EXPECT_EQ(history[0].image_type, "raw");
    EXPECT_EQ(history[0].took, std::chrono::milliseconds(5'000));
    EXPECT_EQ(history[1].took, std::chrono::milliseconds(500));
    EXPECT_EQ(store_->history(1).value().size(), 1u);
}

TEST_P(JobStoreSuite, TellsWhichImagesAreThereOldestFirst) {
    const auto second = done("second", 6'000);
    const auto first = done("first", 5'000);
    const auto third = done("third", 7'000);
    ASSERT_TRUE(moved(added("failed"), JobEvent::fail));
    added("waiting");
    EXPECT_EQ(kept(), (std::vector{first.id, second.id, third.id}));
    EXPECT_EQ(kept({}, 2), (std::vector{first.id, second.id}));
    EXPECT_EQ(kept(second.id), std::vector{third.id});
    ASSERT_TRUE(store_->pin(first.id, true).value());
    const auto image = store_->kept({}, 1).value().front();
    EXPECT_EQ(image.user, "anna@example.org");
    EXPECT_EQ(image.place, "s3://images/a");
    EXPECT_EQ(image.size, 5'000'000'000u);
    EXPECT_EQ(image.finished, at(5'000));
    EXPECT_TRUE(image.is_pinned);
    ASSERT_TRUE(store_->remove_image(second.id, at(9'000)).value());
    EXPECT_EQ(kept(), (std::vector{first.id, third.id}));
    EXPECT_EQ(kept(second.id), std::vector{third.id}) << "beyond one that is gone since";
    const auto none = store_->kept(jobs::new_job_id(), 1);
    ASSERT_FALSE(none);
    EXPECT_EQ(none.error().fault, Fault::missing);
}

TEST_P(JobStoreSuite, RemovesAnImageOnceAndNeverAPinnedOne) {
    const auto job = done("debian", 5'000);
    ASSERT_TRUE(store_->pin(job.id, true).value());
    EXPECT_TRUE(store_->find(job.id).value()->is_pinned);
    EXPECT_FALSE(store_->remove_image(job.id, at(9'000)).value());
    ASSERT_TRUE(store_->pin(job.id, false).value());
    EXPECT_TRUE(store_->remove_image(job.id, at(9'000)).value());
    EXPECT_EQ(store_->find(job.id).value()->removed, at(9'000));
    EXPECT_EQ(store_->find(job.id).value()->state, JobState::done);
    EXPECT_FALSE(store_->remove_image(job.id, at(9'001)).value());
    EXPECT_FALSE(store_->pin(job.id, true).value()) << "there is nothing to keep";
    EXPECT_FALSE(store_->remove_image(added("waiting").id, at(9'000)).value());
    EXPECT_FALSE(store_->remove_image(jobs::new_job_id(), at(9'000)).value());
    EXPECT_FALSE(store_->pin(jobs::new_job_id(), true).value());
}

TEST_P(JobStoreSuite, PinsAJobBeforeItIsDone) {
    const auto job = added("debian");
    ASSERT_TRUE(store_->pin(job.id, true).value());
    ASSERT_TRUE(moved(job, JobEvent::start));
    ASSERT_TRUE(moved(job, JobEvent::succeed));
    EXPECT_FALSE(store_->remove_image(job.id, at(9'000)).value());
}

}  // namespace img::testing
