// What every JobStore owes to others: notices and orders, until they were sent.
#pragma once

#include "tests/support/job_store/fixture.hpp"

#include <gtest/gtest.h>
#include <string>
#include <variant>
#include <vector>

namespace img::testing {

TEST_P(JobStoreSuite, OwesANoticeFromTheMomentOfAdding) {
    auto job = some_job("debian");
    job.request.reference = "stranger 7";
    add(job);
    const auto rows = outbox();
    ASSERT_EQ(rows.size(), 1u);
    const auto& notice = std::get<jobs::StatusNotice>(rows[0].message);
    EXPECT_EQ(notice.job.id, job.id);
    EXPECT_EQ(notice.job.state, JobState::queued);
    EXPECT_EQ(notice.job.attempt, 1u);
    EXPECT_EQ(notice.job.request.name, "debian");
    EXPECT_EQ(notice.job.request.email, "Anna@Example.org");
    EXPECT_EQ(notice.job.request.kickstart, "");
    EXPECT_EQ(notice.references, std::vector<std::string>{"stranger 7"});
    ASSERT_TRUE(store_->sent(rows[0].row));
    EXPECT_TRUE(outbox().empty());
}

TEST_P(JobStoreSuite, OwesANoticeOfEachMoveAsTheJobWasThen) {
    const auto job = added("debian");
    ASSERT_TRUE(moved(job, JobEvent::start));
    ASSERT_TRUE(moved(job, JobEvent::lose_worker));
    ASSERT_TRUE(moved(job, JobEvent::start, 2));
    ASSERT_TRUE(moved(job, JobEvent::succeed, 2));
    EXPECT_EQ(notices(), (std::vector<std::string>{"queued 1", "building 1", "queued 2",
                                                   "building 2", "done 2"}));
    const auto rows = outbox();
    const auto& building = std::get<jobs::StatusNotice>(rows[3].message).job;
    EXPECT_EQ(building.worker, "worker");
    EXPECT_EQ(building.image, "");
    EXPECT_EQ(building.finished, at(0));
    EXPECT_EQ(std::get<jobs::StatusNotice>(rows[2].message).job.worker, "");
    const auto& done = std::get<jobs::StatusNotice>(rows[4].message).job;
    EXPECT_EQ(done.image, "a.raw");
    EXPECT_EQ(done.place, "s3://images/a");
    EXPECT_EQ(done.finished, at(2'000));
}

TEST_P(JobStoreSuite, OwesTheReasonOfAFailure) {
    const auto job = added("debian");
    ASSERT_TRUE(moved(job, JobEvent::fail));
    const auto rows = outbox();
    ASSERT_EQ(rows.size(), 2u);
    EXPECT_EQ(std::get<jobs::StatusNotice>(rows[1].message).job.error, "no room");
    EXPECT_EQ(std::get<jobs::StatusNotice>(rows[0].message).job.error, "");
}

TEST_P(JobStoreSuite, ForgetsAllRowsUpToTheOneThatWasSent) {
    added("first");
    added("second");
    const auto third = added("third");
    const auto rows = outbox();
    ASSERT_EQ(rows.size(), 3u);
    EXPECT_LT(rows[0].row, rows[1].row);
    EXPECT_EQ(store_->outbox(2).value().size(), 2u);
    ASSERT_TRUE(store_->sent(rows[1].row));
    const auto rest = outbox();
    ASSERT_EQ(rest.size(), 1u);
    EXPECT_EQ(std::get<jobs::StatusNotice>(rest[0].message).job.id, third.id);
    ASSERT_TRUE(store_->sent(rows[1].row)) << "again, as after a crash";
    EXPECT_EQ(outbox().size(), 1u);
}

TEST_P(JobStoreSuite, OwesACancelOrderBesideTheNotice) {
    for (const auto* name : {"waiting", "building"}) {
        const auto job = added(name);
        if (name == std::string("building")) {
            ASSERT_TRUE(moved(job, JobEvent::start));
        }
        send_all();
        ASSERT_TRUE(moved(job, JobEvent::cancel));
        const auto rows = outbox();
        ASSERT_EQ(rows.size(), 2u);
        const auto& order = std::get<jobs::CancelOrder>(rows[0].message);
        EXPECT_EQ(order.id, job.id);
        EXPECT_EQ(order.attempt, 0u) << "whichever it is";
        EXPECT_EQ(order.worker, "") << "whoever has it";
        EXPECT_EQ(notices(), std::vector<std::string>{"cancelled 1"});
        send_all();
    }
}

}  // namespace img::testing
