// A store with something of everything in it, and whether two stores hold the same.
#pragma once

#include "store/store.hpp"
#include "tests/support/some_job.hpp"

#include <gtest/gtest.h>
#include <string>
#include <thread>
#include <vector>

namespace img::testing {

/// Five jobs, one in each state.
inline void fill_store(const std::string& url) {
    using jobs::JobEvent;
    const auto store = store::open_job_store(url).value();
    const std::vector<std::vector<JobEvent>> lives = {{},
                                                      {JobEvent::start},
                                                      {JobEvent::start, JobEvent::succeed},
                                                      {JobEvent::start, JobEvent::fail},
                                                      {JobEvent::cancel}};
    for (const auto& life : lives) {
        auto job = some_job("debian" + std::to_string(&life - lives.data()));
        job.request.reference = "reference of " + job.request.name;
        job.request.kickstart += std::string("\0\xff\n", 3);
        ASSERT_TRUE(store->add(job, at(0)));
        for (const auto event : life) {
            ASSERT_TRUE(store
                            ->move({.id = job.id,
                                    .event = event,
                                    .worker = "w",
                                    .image = "ä.raw",
                                    .place = "s3://images/a",
                                    .size = 5'000'000'000,
                                    .error = "\"no\nroom\"",
                                    .now = at(2'000),
                                    .lease_end = at(32'000)})
                            .value());
        }
    }
    ASSERT_TRUE(store->note(jobs::RefusedMessage{.at = at(5), .queue = "q", .reason = "bad"}));
}

inline void expect_same_job(const jobs::Job& left, const jobs::Job& right) {
    EXPECT_EQ(left.request.name, right.request.name);
    EXPECT_EQ(left.request.kickstart, right.request.kickstart);
    EXPECT_EQ(left.request.reference, right.request.reference);
    EXPECT_EQ(left.state, right.state);
    EXPECT_EQ(left.attempt, right.attempt);
    EXPECT_EQ(left.error, right.error);
    EXPECT_EQ(left.image, right.image);
    EXPECT_EQ(left.place, right.place);
    EXPECT_EQ(left.size, right.size);
    EXPECT_EQ(left.finished, right.finished);
    EXPECT_EQ(left.lease_end, right.lease_end);
}

inline void expect_same(const std::string& left_url, const std::string& right_url) {
    const auto left = store::open_job_store(left_url).value();
    const auto right = store::open_job_store(right_url).value();
    const auto left_jobs = left->list({}).value();
    const auto right_jobs = right->list({}).value();
    ASSERT_EQ(left_jobs.size(), right_jobs.size());
    for (std::size_t i = 0; i < left_jobs.size(); ++i) {
        ASSERT_EQ(left_jobs[i].id, right_jobs[i].id);
        const auto& id = left_jobs[i].id;
        expect_same_job(left->find(id).value().value(), right->find(id).value().value());
        const auto& reference = left_jobs[i].request.reference;
        EXPECT_EQ(right->find_reference(reference).value()->id, id);
        EXPECT_EQ(left->count(left_jobs[i].state).value(),
                  right->count(left_jobs[i].state).value());
    }
    EXPECT_EQ(left->outbox(100).value().size(), right->outbox(100).value().size());
    EXPECT_EQ(left->refused(100).value().size(), right->refused(100).value().size());
}

inline void expect_new_jobs_last(const std::string& url) {
    const auto store = store::open_job_store(url).value();
    const auto last = store->outbox(100).value().back().row;
    const auto job = some_job("new");
    ASSERT_TRUE(store->add(job, at(0)));
    EXPECT_EQ(store->list({}).value().front().id, job.id);
    EXPECT_GT(store->outbox(100).value().back().row, last);
    EXPECT_EQ(store->count(jobs::JobState::queued).value(), 2u);
}

}  // namespace img::testing
