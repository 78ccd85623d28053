// A JobStore in memory, under the rules of the real ones.
#pragma once

#include "jobs/job_store.hpp"

#include <algorithm>
#include <atomic>
#include <map>
#include <mutex>

namespace img::testing {

class FakeJobStore : public jobs::JobStore {
public:
    Result<void> add(const jobs::Job& job) override {
        const std::lock_guard lock(mutex_);
        if (is_away) {
            return fail(Fault::transient, "the database is locked");
        }
        for (const auto& other : jobs_) {
            if (other.request.name == job.request.name && !jobs::is_finished(other.state)) {
                return fail(Fault::invalid,
                            "the name " + job.request.name + " is in use by job " + other.id);
            }
        }
        jobs_.push_back(job);
        outbox_[++row_] =
            jobs::BuildOrder{.id = job.id, .attempt = job.attempt, .request = job.request};
        return {};
    }
    Result<std::optional<jobs::Job>> find(const std::string& id) override {
        const std::lock_guard lock(mutex_);
        const auto found = std::ranges::find(jobs_, id, &jobs::Job::id);
        return found == jobs_.end() ? std::optional<jobs::Job>() : std::optional(*found);
    }
    Result<std::vector<jobs::Job>> list(const jobs::JobFilter& filter) override {
        const std::lock_guard lock(mutex_);
        std::vector<jobs::Job> page;
        bool is_past = filter.before.empty();
        for (auto job = jobs_.rbegin(); job != jobs_.rend() && page.size() < filter.limit; ++job) {
            if (is_past && (!filter.state || *filter.state == job->state)) {
                page.push_back(*job);
            }
            is_past = is_past || job->id == filter.before;
        }
        return page;
    }
    Result<std::uint64_t> count(jobs::JobState state) override {
        const std::lock_guard lock(mutex_);
        if (is_away) {
            return fail(Fault::transient, "the database is locked");
        }
        return static_cast<std::uint64_t>(std::ranges::count(jobs_, state, &jobs::Job::state));
    }
    Result<std::uint64_t> queue_position(const std::string& id) override {
        const std::lock_guard lock(mutex_);
        std::uint64_t before = 0;
        for (const auto& job : jobs_) {
            if (job.id == id) {
                break;
            }
            before += job.state == jobs::JobState::queued ? 1u : 0u;
        }
        return before;
    }
    Result<std::optional<jobs::Job>> move(const jobs::Move& move) override {
        const std::lock_guard lock(mutex_);
        const auto job = std::ranges::find(jobs_, move.id, &jobs::Job::id);
        if (job == jobs_.end() || job->attempt != move.attempt) {
            return std::optional<jobs::Job>();
        }
        const auto state = jobs::next(job->state, move.event);
        if (!state) {
            return std::optional<jobs::Job>();
        }
        job->state = *state;
        if (move.event == jobs::JobEvent::start) {
            job->worker = move.worker;
            job->started = move.now;
            job->lease_end = move.lease_end;
        } else if (move.event == jobs::JobEvent::lose_worker) {
            outbox_[++row_] =
                jobs::BuildOrder{.id = job->id, .attempt = ++job->attempt, .request = job->request};
        } else {
            job->finished = move.now;
            job->image = move.image;
            job->error = move.error;
            job->error_stage = move.error_stage;
        }
        if (move.event == jobs::JobEvent::cancel) {
            outbox_[++row_] = jobs::CancelOrder{.id = job->id};
        }
        return std::optional(*job);
    }
    Result<bool> beat(const std::string& id,
                      unsigned attempt,
                      const jobs::Progress& progress,
                      jobs::Time lease_end) override {
        const std::lock_guard lock(mutex_);
        const auto job = std::ranges::find(jobs_, id, &jobs::Job::id);
        if (job == jobs_.end() || job->attempt != attempt ||
            job->state != jobs::JobState::building) {
            return false;
        }
        job->progress = progress;
        job->lease_end = lease_end;
        return true;
    }
    Result<std::vector<jobs::Job>> expired(jobs::Time now) override {
        const std::lock_guard lock(mutex_);
        std::vector<jobs::Job> lost;
        std::ranges::copy_if(jobs_, std::back_inserter(lost), [&](const jobs::Job& job) {
            return job.state == jobs::JobState::building && job.lease_end < now;
        });
        return lost;
    }
    Result<std::vector<jobs::Pending>> outbox(std::size_t limit) override {
        const std::lock_guard lock(mutex_);
        std::vector<jobs::Pending> rows;
        for (const auto& [row, order] : outbox_) {
            if (rows.size() < limit) {
                rows.push_back({.row = row, .order = order});
            }
        }
        return rows;
    }
    Result<void> sent(std::int64_t row) override {
        const std::lock_guard lock(mutex_);
        outbox_.erase(row);
        return {};
    }

    Result<std::uint64_t> ring_again() override { return 0; }

    std::atomic<bool> is_away = false;  ///< Adding and counting fail, as with a locked database.

private:
    std::mutex mutex_;
    std::vector<jobs::Job> jobs_;  ///< Oldest first.
    std::map<std::int64_t, std::variant<jobs::BuildOrder, jobs::CancelOrder>> outbox_;
    std::int64_t row_ = 0;
};

}  // namespace img::testing
