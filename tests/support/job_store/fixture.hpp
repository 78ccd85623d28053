// The ground of job_store_suite.hpp: an empty store, and short words for what is done with it.
#pragma once

#include "jobs/job_store.hpp"
#include "tests/support/some_job.hpp"

#include <functional>
#include <gtest/gtest.h>
#include <memory>
#include <optional>
#include <string>
#include <variant>
#include <vector>

namespace img::testing {

using jobs::Job;
using jobs::JobEvent;
using jobs::JobFilter;
using jobs::JobState;
using jobs::Move;
using jobs::Progress;
using jobs::Time;

using OpenStore = std::function<std::unique_ptr<jobs::JobStore>()>;

class JobStoreSuite : public ::testing::TestWithParam<OpenStore> {
protected:
    Job added(const std::string& name) {
        auto job = some_job(name);
        add(job);
        return job;
    }
    jobs::Added add(const Job& job, Time joins_since = at(0)) {
        auto result = store_->add(job, joins_since);
        EXPECT_TRUE(result) << result.error().message;
        return result.value();
    }
    /// Another job of the same request: it differs in its id alone.
    static Job twin_of(Job job) {
        job.id = jobs::new_job_id();
        return job;
    }
    Job done(const std::string& name, std::int64_t finished) {
        const auto job = added(name);
        EXPECT_TRUE(moved(job, JobEvent::start));
        EXPECT_TRUE(moved(job, JobEvent::succeed, 1, at(finished)));
        return job;
    }
    std::optional<Job> moved(const Job& job,
                             JobEvent event,
                             unsigned attempt = 1,
                             Time now = at(2'000)) {
        auto result = store_->move({.id = job.id,
                                    .attempt = attempt,
                                    .event = event,
                                    .worker = "worker",
                                    .image = "a.raw",
                                    .place = "s3://images/a",
                                    .size = 5'000'000'000,
                                    .error = "no room",
                                    .error_stage = "assemble",
                                    .now = now,
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
    /// The notices of the outbox: "queued 1", the state and the attempt.
    std::vector<std::string> notices() {
        std::vector<std::string> found;
        for (const auto& row : outbox()) {
            if (const auto* notice = std::get_if<jobs::StatusNotice>(&row.message)) {
                found.push_back(std::string(to_text(notice->job.state)) + " " +
                                std::to_string(notice->job.attempt));
            }
        }
        return found;
    }
    std::vector<std::string> kept(const std::string& after = {}, std::size_t limit = 100) {
        std::vector<std::string> ids;
        const auto images = store_->kept(after, limit).value();
        for (const auto& image : images) {
            ids.push_back(image.id);
        }
        return ids;
    }

    std::unique_ptr<jobs::JobStore> store_ = GetParam()();
};

}  // namespace img::testing
