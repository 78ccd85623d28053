// A JobStore that works and forgets: a map under a lock. It passes JobStoreSuite.
#pragma once

#include "jobs/job_store.hpp"

#include <algorithm>
#include <atomic>
#include <map>
#include <mutex>

namespace img::testing {

class FakeJobStore : public jobs::JobStore {
public:
    /// So many calls that change or count something fail as if the database were away.
    std::atomic<int> failures = 0;
    std::atomic<bool> is_away = false;  ///< As failures without end.

    Result<void> add(const jobs::Job& job) override {
        const std::lock_guard lock(mutex_);
        TRY(fault());
        for (const auto& other : jobs_) {
            if (other.id == job.id) {
                return fail(Fault::broken, "the id is there already");
            }
            if (other.request.name == job.request.name && !jobs::is_finished(other.state)) {
                return fail(Fault::invalid, "name: job " + other.id + " has it");
            }
        }
        jobs_.push_back(job);
        owe(build_order(job));
        return {};
    }
    Result<std::optional<jobs::Job>> find(const std::string& id) override {
        const std::lock_guard lock(mutex_);
        const auto* job = at(id);
        return job != nullptr ? std::optional(*job) : std::nullopt;
    }
    Result<std::vector<jobs::Job>> list(const jobs::JobFilter& filter) override {
        const std::lock_guard lock(mutex_);
        if (!filter.before.empty() && at(filter.before) == nullptr) {
            return fail(Fault::missing, "no such job");
        }
        std::vector<jobs::Job> page;
        bool is_after = filter.before.empty();
        for (auto job = jobs_.rbegin(); job != jobs_.rend(); ++job) {
            if (is_after && page.size() < filter.limit &&
                (!filter.state || *filter.state == job->state)) {
                page.push_back(*job);
            }
            is_after = is_after || job->id == filter.before;
        }
        return page;
    }
    Result<std::uint64_t> count(jobs::JobState state) override {
        const std::lock_guard lock(mutex_);
        TRY(fault());
        return static_cast<std::uint64_t>(std::ranges::count(jobs_, state, &jobs::Job::state));
    }
    Result<std::uint64_t> queue_position(const std::string& id) override {
        const std::lock_guard lock(mutex_);
        const auto end = std::ranges::find(jobs_, id, &jobs::Job::id);
        return static_cast<std::uint64_t>(std::count_if(
            jobs_.begin(), end,
            [](const jobs::Job& job) { return job.state == jobs::JobState::queued; }));
    }
    Result<std::optional<jobs::Job>> move(const jobs::Move& move) override {
        const std::lock_guard lock(mutex_);
        TRY(fault());
        auto* job = at(move.id);
        if (job == nullptr || job->attempt != move.attempt) {
            return std::nullopt;
        }
        const auto next = jobs::next(job->state, move.event);
        if (!next) {
            return std::nullopt;
        }
        job->state = *next;
        job->lease_end = {};
        apply(*job, move);
        return *job;
    }
    Result<bool> beat(const std::string& id,
                      unsigned attempt,
                      const jobs::Progress& progress,
                      jobs::Time lease_end) override {
        const std::lock_guard lock(mutex_);
        auto* job = at(id);
        if (job == nullptr || job->attempt != attempt || job->state != jobs::JobState::building) {
            return false;
        }
        job->progress = progress;
        job->lease_end = lease_end;
        return true;
    }
    Result<std::vector<jobs::Job>> expired(jobs::Time now) override {
        const std::lock_guard lock(mutex_);
        std::vector<jobs::Job> late;
        std::ranges::copy_if(jobs_, std::back_inserter(late), [&](const jobs::Job& job) {
            return job.state == jobs::JobState::building && job.lease_end < now;
        });
        return late;
    }
    Result<std::vector<jobs::Pending>> outbox(std::size_t limit) override {
        const std::lock_guard lock(mutex_);
        return std::vector(
            outbox_.begin(),
            outbox_.begin() + std::min(std::ssize(outbox_), static_cast<std::ptrdiff_t>(limit)));
    }
    Result<void> sent(std::int64_t row) override {
        const std::lock_guard lock(mutex_);
        std::erase_if(outbox_, [&](const jobs::Pending& one) { return one.row == row; });
        return {};
    }
    Result<std::uint64_t> ring_again() override {
        const std::lock_guard lock(mutex_);
        std::uint64_t count = 0;
        for (const auto& job : jobs_) {
            const bool is_there = std::ranges::any_of(outbox_, [&](const jobs::Pending& one) {
                const auto* order = std::get_if<jobs::BuildOrder>(&one.order);
                return order != nullptr && order->id == job.id;
            });
            if (job.state == jobs::JobState::queued && !is_there) {
                owe(build_order(job));
                ++count;
            }
        }
        return count;
    }

private:
    Result<void> fault() {
        if (is_away || failures > 0) {
            failures -= is_away ? 0 : 1;
            return fail(Fault::transient, "the database is away");
        }
        return {};
    }
    jobs::Job* at(const std::string& id) {
        const auto job = std::ranges::find(jobs_, id, &jobs::Job::id);
        return job == jobs_.end() ? nullptr : &*job;
    }
    static jobs::BuildOrder build_order(const jobs::Job& job) {
        return {.id = job.id, .attempt = job.attempt, .request = job.request};
    }
    void owe(std::variant<jobs::BuildOrder, jobs::CancelOrder> order) {
        outbox_.push_back({.row = ++last_row_, .order = std::move(order)});
    }
    void apply(jobs::Job& job, const jobs::Move& move) {
        switch (move.event) {
            case jobs::JobEvent::start:
                job.worker = move.worker;
                job.started = move.now;
                job.lease_end = move.lease_end;
                job.progress = {};
                return;
            case jobs::JobEvent::lose_worker:
                job.worker.clear();
                job.started = {};
                job.progress = {};
                ++job.attempt;
                owe(build_order(job));
                return;
            case jobs::JobEvent::succeed: job.image = move.image; break;
            case jobs::JobEvent::fail:
                job.error = move.error;
                job.error_stage = move.error_stage;
                break;
            case jobs::JobEvent::cancel: break;
        }
        job.finished = move.now;
        std::erase_if(outbox_, [&](const jobs::Pending& one) {
            const auto* order = std::get_if<jobs::BuildOrder>(&one.order);
            return order != nullptr && order->id == job.id;
        });
        if (move.event == jobs::JobEvent::cancel) {
            owe(jobs::CancelOrder{.id = job.id});
        }
    }

    std::mutex mutex_;
    std::vector<jobs::Job> jobs_;  // oldest first
    std::vector<jobs::Pending> outbox_;
    std::int64_t last_row_ = 0;
};

}  // namespace img::testing
