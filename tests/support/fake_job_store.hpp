// A JobStore that works and forgets: a few maps under a lock. It passes JobStoreSuite.
#pragma once

#include "jobs/job_store.hpp"

#include <algorithm>
#include <atomic>
#include <functional>
#include <future>
#include <map>
#include <memory>
#include <mutex>
#include <utility>

namespace img::testing {

class FakeJobStore : public jobs::JobStore {
public:
    /// So many calls that change or count something fail as if the database were away.
    std::atomic<int> failures = 0;
    std::atomic<bool> is_away = false;  ///< As failures without end.
    std::atomic<bool> is_full = false;  ///< No build can be noted as done.

    /// Does that, once, in the thread that asks for the outbox next, and waits for it.
    void do_in_outbox(std::function<void()> action) {
        auto done = std::make_shared<std::promise<void>>();
        auto is_done = done->get_future();
        {
            const std::lock_guard lock(mutex_);
            in_outbox_ = [done = std::move(done), action = std::move(action)] {
                action();
                done->set_value();
            };
        }
        is_done.wait();
    }

    Result<jobs::Added> add(const jobs::Job& job, jobs::Time joins_since) override {
        const std::lock_guard lock(mutex_);
        TRY(fault());
        if (const auto* same = at(job.id);
            same != nullptr && jobs::digest_of(same->request) == jobs::digest_of(job.request)) {
            return jobs::Added{.id = job.id};
        }
        if (const auto* named = holder_of(job.request.reference)) {
            TRY(is_same_request(job, *named));
            return jobs::Added{.id = named->id, .is_joined = named->id != job.id};
        }
        if (const auto* known = joinable(job, joins_since)) {
            refer(job.request, known->id);
            ++joined_[known->id];
            return jobs::Added{.id = known->id, .is_joined = known->id != job.id};
        }
        for (const auto& other : jobs_) {
            if (other.id == job.id) {
                return fail(Fault::broken, "the id is there already");
            }
            if (has_name(other, job)) {
                return fail(Fault::invalid, "name: job " + other.id + " has it");
            }
        }
        jobs_.push_back(job);
        refer(job.request, job.id);
        owe_notice(job);
        return jobs::Added{.id = job.id};
    }
    Result<std::optional<jobs::Job>> find(const std::string& id) override {
        const std::lock_guard lock(mutex_);
        TRY(fault_of_reading());
        const auto* job = at(id);
        return job != nullptr ? std::optional(*job) : std::nullopt;
    }
    Result<std::optional<jobs::Job>> find_reference(const std::string& reference) override {
        const std::lock_guard lock(mutex_);
        TRY(fault_of_reading());
        const auto found = references_.find(reference);
        return found != references_.end() ? std::optional(*at(found->second.job)) : std::nullopt;
    }
    Result<std::vector<jobs::Job>> list(const jobs::JobFilter& filter) override {
        const std::lock_guard lock(mutex_);
        TRY(fault_of_reading());
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
    Result<std::optional<jobs::Job>> move(const jobs::Move& move) override {
        const std::lock_guard lock(mutex_);
        TRY(fault());
        if (is_full && move.event == jobs::JobEvent::succeed) {
            return fail(Fault::exhausted, "the disk is full");
        }
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
        if (move.event == jobs::JobEvent::cancel) {
            const auto joined = joined_[job->id];
            job->progress.text = joined == 0 ? std::string()
                                             : std::to_string(joined + 1) +
                                                   " requests shared this build; it is cancelled "
                                                   "for all of them";
            owe(jobs::CancelOrder{.id = job->id});
        }
        owe_notice(*job);
        return *job;
    }
    Result<bool> beat(const std::string& id,
                      unsigned attempt,
                      const jobs::Progress& progress,
                      jobs::Time lease_end) override {
        const std::lock_guard lock(mutex_);
        TRY(fault());
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
        TRY(fault_of_reading());
        std::vector<jobs::Job> late;
        std::ranges::copy_if(jobs_, std::back_inserter(late), [&](const jobs::Job& job) {
            return job.state == jobs::JobState::building && job.lease_end < now;
        });
        return late;
    }
    Result<std::vector<jobs::QueuedJob>> queued(std::int64_t after, std::size_t limit) override {
        const std::lock_guard lock(mutex_);
        TRY(fault_of_reading());
        std::vector<jobs::QueuedJob> waiting;
        for (std::size_t i = 0; i < jobs_.size() && waiting.size() < limit; ++i) {
            const auto row = static_cast<std::int64_t>(i) + 1;
            if (jobs_[i].state == jobs::JobState::queued && row > after) {
                waiting.push_back(queued_job(row, jobs_[i]));
            }
        }
        return waiting;
    }
    Result<std::vector<jobs::BuildTime>> history(std::size_t limit) override {
        const std::lock_guard lock(mutex_);
        TRY(fault_of_reading());
        std::vector<jobs::BuildTime> times;
        const auto done = by_end();
        for (auto job = done.rbegin(); job != done.rend() && times.size() < limit; ++job) {
            times.push_back({.name = job->request.name,
                             .image_type = job->request.image_type,
                             .took = job->finished - job->started});
        }
        return times;
    }
    Result<std::vector<jobs::Pending>> outbox(std::size_t limit) override {
        const std::lock_guard lock(mutex_);
        if (in_outbox_) {
            std::exchange(in_outbox_, {})();
        }
        TRY(fault_of_reading());
        std::vector<jobs::Pending> rows(
            outbox_.begin(),
            outbox_.begin() + std::min(std::ssize(outbox_), static_cast<std::ptrdiff_t>(limit)));
        for (auto& row : rows) {
            if (auto* notice = std::get_if<jobs::StatusNotice>(&row.message)) {
                notice->references = references_of(notice->job.id);
            }
        }
        return rows;
    }
    Result<void> sent(std::int64_t row) override {
        const std::lock_guard lock(mutex_);
        TRY(fault());
        std::erase_if(outbox_, [&](const jobs::Pending& one) { return one.row <= row; });
        return {};
    }
    Result<bool> hold(const std::string& lease,
                      const std::string& holder,
                      jobs::Time now,
                      jobs::Time until) override {
        const std::lock_guard lock(mutex_);
        TRY(fault());
        const auto held = leases_.find(lease);
        if (held != leases_.end() && held->second.holder != holder && held->second.until > now) {
            return false;
        }
        leases_[lease] = {.holder = holder, .until = until};
        return true;
    }
    Result<void> let_go(const std::string& lease, const std::string& holder) override {
        const std::lock_guard lock(mutex_);
        TRY(fault());
        std::erase_if(leases_, [&](const auto& held) {
            return held.first == lease && held.second.holder == holder;
        });
        return {};
    }
    Result<void> note(const jobs::Presence& presence, jobs::Time now) override {
        const std::lock_guard lock(mutex_);
        TRY(fault());
        workers_[presence.worker] = {.presence = presence, .seen = now};
        return {};
    }
    Result<std::vector<jobs::Presence>> workers(jobs::Time now) override {
        const std::lock_guard lock(mutex_);
        TRY(fault_of_reading());
        std::vector<jobs::Presence> present;
        for (const auto& [name, worker] : workers_) {
            if (worker.seen + std::chrono::minutes(1) > now) {
                present.push_back(worker.presence);
            }
        }
        std::ranges::stable_sort(present, {}, &jobs::Presence::host);
        return present;
    }
    Result<std::vector<jobs::KeptImage>> kept(const std::string& after,
                                              std::size_t limit) override {
        const std::lock_guard lock(mutex_);
        TRY(fault_of_reading());
        if (!after.empty() && at(after) == nullptr) {
            return fail(Fault::missing, "no such job");
        }
        std::vector<jobs::KeptImage> images;
        bool is_after = after.empty();
        for (const auto& job : by_end()) {
            if (is_after && has_image(job) && images.size() < limit) {
                images.push_back(kept_image(job));
            }
            is_after = is_after || job.id == after;
        }
        return images;
    }
    Result<bool> remove_image(const std::string& id, jobs::Time now) override {
        const std::lock_guard lock(mutex_);
        TRY(fault());
        auto* job = at(id);
        if (job == nullptr || !has_image(*job) || job->is_pinned) {
            return false;
        }
        job->removed = now;
        return true;
    }
    Result<bool> pin(const std::string& id, bool is_pinned) override {
        const std::lock_guard lock(mutex_);
        TRY(fault());
        auto* job = at(id);
        if (job == nullptr || job->removed != jobs::Time{}) {
            return false;
        }
        job->is_pinned = is_pinned;
        return true;
    }
    Result<void> note(const jobs::RefusedMessage& refused) override {
        const std::lock_guard lock(mutex_);
        TRY(fault());
        refused_.push_back(refused);
        if (refused_.size() > 1000) {
            refused_.erase(refused_.begin());
        }
        return {};
    }
    Result<std::vector<jobs::RefusedMessage>> refused(std::size_t limit) override {
        const std::lock_guard lock(mutex_);
        TRY(fault_of_reading());
        const auto count = std::min(std::ssize(refused_), static_cast<std::ptrdiff_t>(limit));
        return std::vector(refused_.rbegin(), refused_.rbegin() + count);
    }

private:
    struct Lease {
        std::string holder{};
        jobs::Time until{};
    };
    struct Reference {
        std::string job{};
        std::string owner{};
    };
    struct Worker {
        jobs::Presence presence{};
        jobs::Time seen{};
    };

    Result<void> fault() {
        if (is_away || failures > 0) {
            failures -= is_away ? 0 : 1;
            return fail(Fault::transient, "the database is away");
        }
        return {};
    }
    /// Reading uses up none of `failures`, which count what changes.
    Result<void> fault_of_reading() const {
        if (is_away) {
            return fail(Fault::transient, "the database is away");
        }
        return {};
    }
    jobs::Job* at(const std::string& id) {
        const auto job = std::ranges::find(jobs_, id, &jobs::Job::id);
        return job == jobs_.end() ? nullptr : &*job;
    }
    static bool has_name(const jobs::Job& other, const jobs::Job& job) {
        return other.request.name == job.request.name && !jobs::is_finished(other.state) &&
               jobs::user_of(other.request) == jobs::user_of(job.request);
    }
    static bool has_image(const jobs::Job& job) {
        return job.state == jobs::JobState::done && job.removed == jobs::Time{};
    }
    /// The job that has the reference, or null. One that was cancelled has let go of it.
    const jobs::Job* holder_of(const std::string& reference) {
        const auto named = references_.find(reference);
        const auto* const job = named != references_.end() ? at(named->second.job) : nullptr;
        return job != nullptr && job->state != jobs::JobState::cancelled ? job : nullptr;
    }
    /// Whether one user asks for the same again, by a reference that is known.
    Result<void> is_same_request(const jobs::Job& job, const jobs::Job& named) {
        const auto& reference = job.request.reference;
        if (references_.at(reference).owner != jobs::user_of(job.request)) {
            return fail(Fault::invalid,
                        "reference " + reference + ": job " + named.id + " of another user has it");
        }
        if (jobs::digest_of(job.request) != jobs::digest_of(named.request)) {
            return fail(Fault::invalid, "reference " + reference + ": job " + named.id +
                                            " has it, which was another request");
        }
        return {};
    }
    /// The job that this one would double, or null.
    const jobs::Job* joinable(const jobs::Job& job, jobs::Time since) {
        if (job.request.is_fresh) {
            return nullptr;
        }
        const auto digest = jobs::digest_of(job.request);
        const jobs::Job* best = nullptr;
        for (const auto& other : jobs_) {
            const bool is_new = has_image(other) && other.finished >= since;
            if ((!jobs::is_finished(other.state) || is_new) &&
                jobs::digest_of(other.request) == digest &&
                (best == nullptr || !has_image(*best) || is_new)) {
                best = &other;
            }
        }
        return best;
    }
    void refer(const jobs::JobRequest& request, const std::string& id) {
        if (!request.reference.empty()) {
            references_[request.reference] = {.job = id, .owner = jobs::user_of(request)};
        }
    }
    std::vector<std::string> references_of(const std::string& id) const {
        std::vector<std::string> found;
        for (const auto& [reference, named] : references_) {
            if (named.job == id) {
                found.push_back(reference);
            }
        }
        return found;
    }
    void owe(std::variant<jobs::CancelOrder, jobs::StatusNotice> message) {
        outbox_.push_back({.row = ++last_row_, .message = std::move(message)});
    }
    void owe_notice(jobs::Job job) {
        job.request.kickstart.clear();
        owe(jobs::StatusNotice{.job = std::move(job)});
    }
    static jobs::QueuedJob queued_job(std::int64_t row, const jobs::Job& job) {
        return {.row = row,
                .id = job.id,
                .attempt = job.attempt,
                .user = jobs::user_of(job.request),
                .name = job.request.name,
                .image_type = job.request.image_type,
                .architecture = job.request.architecture,
                .priority = job.request.priority,
                .created = job.created};
    }
    static jobs::KeptImage kept_image(const jobs::Job& job) {
        return {.id = job.id,
                .user = jobs::user_of(job.request),
                .place = job.place,
                .size = job.size,
                .finished = job.finished,
                .is_pinned = job.is_pinned};
    }
    /// Builds that were done, those that ended first before the others.
    std::vector<jobs::Job> by_end() const {
        std::vector<jobs::Job> done;
        std::ranges::copy_if(jobs_, std::back_inserter(done), [](const jobs::Job& job) {
            return job.state == jobs::JobState::done;
        });
        std::ranges::stable_sort(done, {}, &jobs::Job::finished);
        return done;
    }
    static void apply(jobs::Job& job, const jobs::Move& move) {
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
                ++job.losses;
                return;
            case jobs::JobEvent::give_again: ++job.attempt; return;
            case jobs::JobEvent::succeed:
                job.image = move.image;
                job.place = move.place;
                job.size = move.size;
                break;
            case jobs::JobEvent::fail:
                job.error = move.error;
                job.error_stage = move.error_stage;
                break;
            case jobs::JobEvent::cancel: break;
        }
        job.finished = move.now;
    }

    std::mutex mutex_;
    std::vector<jobs::Job> jobs_;  // oldest first
    std::map<std::string, Reference> references_;
    std::map<std::string, int> joined_;
    std::vector<jobs::Pending> outbox_;
    std::int64_t last_row_ = 0;
    std::map<std::string, Lease> leases_;
    std::map<std::string, Worker> workers_;
    std::function<void()> in_outbox_;
    std::vector<jobs::RefusedMessage> refused_;
};

}  // namespace img::testing
