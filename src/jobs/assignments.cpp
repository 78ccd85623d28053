#include "jobs/assignments.hpp"

#include "system/kill_point.hpp"

#include <algorithm>

namespace img::jobs {
namespace {

constexpr std::size_t kBatch = 1000;
constexpr std::size_t kHistory = 1000;  // builds that estimates are made of
constexpr std::size_t kPage = 500;      // the store's limit on a list

// Rows are numbered when a transaction begins and seen when it ends, so a lower one may come after
// a higher one; not by longer than this.
constexpr auto kRowsSettle = std::chrono::seconds(10);

constexpr auto kOutlooksAge = std::chrono::seconds(1);
// A job that a forecast does not know is worth a new one, but not for every page of a flood.
constexpr auto kOutlooksAgeMin = std::chrono::milliseconds(200);

// The database holds attempts up to 1000; an order that nobody ever begins goes out unchanged then.
constexpr unsigned kAttemptsUnbegun = 900;

QueuedJob queued_form(const Job& job) {
    return {.id = job.id,
            .attempt = job.attempt,
            .user = user_of(job.request),
            .name = job.request.name,
            .image_type = job.request.image_type,
            .architecture = job.request.architecture,
            .priority = job.request.priority,
            .created = job.created};
}

}  // namespace

// --- Filled from the store ---

Result<void> Assignments::load(Time now, std::size_t limit) {
    const std::lock_guard lock(mutex_);
    Schedule schedule(options_);
    last_row_ = 0;
    marks_.clear();
    TRY(load_history(schedule, now));
    TRY(load_building(schedule, now));
    TRY(load_waiting(schedule, now, limit));
    for (const auto& [name, presence] : presences_) {
        schedule.hear(presence.first, presence.second);
    }
    schedule.settle(now);
    schedule_ = std::move(schedule);
    return {};
}

Result<void> Assignments::load_history(Schedule& schedule, Time now) const {
    const auto builds = TRY(store_.history(kHistory));
    for (auto build = builds.rbegin(); build != builds.rend(); ++build) {
        schedule.learn(*build);
    }
    for (const auto state : {JobState::done, JobState::error}) {
        for (const auto& job : TRY(store_.list({.state = state, .limit = kPage}))) {
            if (job.started != Time{}) {
                schedule.charge(user_of(job.request), job.finished - job.started, job.started, now);
            }
        }
    }
    return {};
}

Result<void> Assignments::load_building(Schedule& schedule, Time now) const {
    JobFilter filter{.state = JobState::building, .limit = kPage};
    for (;;) {
        const auto page = TRY(store_.list(filter));
        for (const auto& job : page) {
            schedule.started(queued_form(job), job.worker, job.started, now);
        }
        if (page.size() < kPage) {
            return {};
        }
        filter.before = page.back().id;
    }
}

Result<void> Assignments::load_waiting(Schedule& schedule, Time now, std::size_t limit) {
    auto after = marks_.empty() ? std::int64_t(0) : marks_.front().second;
    for (std::size_t count = 0; count < limit;) {
        const auto batch = TRY(store_.queued(after, std::min(kBatch, limit - count)));
        for (const auto& job : batch) {
            schedule.add(job);
            after = job.row;
        }
        count += batch.size();
        if (batch.size() < kBatch) {
            break;
        }
    }
    last_row_ = std::max(last_row_, after);
    marks_.emplace_back(now, last_row_);
    return {};
}

/// Looks again at what has come in the last few seconds, see kRowsSettle; twice is once.
Result<void> Assignments::load_new(Time now) {
    const std::lock_guard lock(mutex_);
    while (marks_.size() > 1 && now - marks_[1].first > kRowsSettle) {
        marks_.pop_front();
    }
    return load_waiting(schedule_, now, std::numeric_limits<std::size_t>::max());
}

// --- Emptied into workers' queues ---

Result<void> Assignments::give_out(Time now) {
    for (;;) {
        const std::lock_guard lock(mutex_);
        const auto assignment = schedule_.next(now);
        if (!assignment) {
            return {};
        }
        const auto given = give(*assignment, now);
        if (!given) {
            schedule_.give_back(assignment->job.id, now);
            return std::unexpected(given.error());
        }
        if (!*given) {
            schedule_.remove(assignment->job.id, now);
        }
    }
}

/// False: it does not wait any more.
Result<bool> Assignments::give(const Assignment& assignment, Time now) {
    auto job = TRY(found(assignment, now));
    if (!job) {
        return false;
    }
    system::kill_point("assign.chosen");
    const auto sent = queue_.send(BuildOrder{.id = job->id,
                                             .attempt = job->attempt,
                                             .worker = assignment.worker,
                                             .request = std::move(job->request)});
    if (!sent && sent.error().fault == Fault::missing) {
        presences_.erase(assignment.worker);
        schedule_.hear({.worker = assignment.worker, .is_gone = true}, now);
    }
    TRY(sent);
    system::kill_point("assign.sent");
    return true;
}

/// The job, as it goes to a worker now; nothing where it does not wait any more. An order that
/// another worker may still begin is given as a new attempt, so that its late work is refused.
Result<std::optional<Job>> Assignments::found(const Assignment& assignment, Time now) {
    auto job = TRY(store_.find(assignment.job.id));
    if (!job || job->state != JobState::queued || job->attempt != assignment.job.attempt) {
        return std::nullopt;
    }
    if (!assignment.was_sent || job->attempt >= kAttemptsUnbegun) {
        return job;
    }
    job = TRY(store_.move(
        {.id = job->id, .attempt = job->attempt, .event = JobEvent::give_again, .now = now}));
    system::kill_point("again.moved");
    if (job) {
        schedule_.give_as(job->id, job->attempt);
        (void)folders_.raise_fence(job->id, job->attempt);  // where it fails: when it is begun
    }
    return job;
}

void Assignments::settle(Time now) {
    const std::lock_guard lock(mutex_);
    if (!queue_.hears_reports()) {
        heard_since_ = now;
    }
    std::erase_if(presences_,
                  [now](const auto& one) { return now - one.second.second > kWorkerSilenceMax; });
    schedule_.settle(now, heard_since_);
}

void Assignments::hear(const Presence& presence, Time now) {
    const std::lock_guard lock(mutex_);
    if (presence.is_gone) {
        presences_.erase(presence.worker);
    } else {
        presences_.insert_or_assign(presence.worker, std::pair(presence, now));
    }
    schedule_.hear(presence, now);
}

void Assignments::started(const Job& job, Time now) {
    const std::lock_guard lock(mutex_);
    schedule_.started(queued_form(job), job.worker, job.started, now);
}

void Assignments::ended(const std::string& id, Time now) {
    const std::lock_guard lock(mutex_);
    schedule_.remove(id, now);
}

void Assignments::again(const Job& job) {
    const std::lock_guard lock(mutex_);
    schedule_.add(queued_form(job));
}

void Assignments::learn(const Job& done) {
    const std::lock_guard lock(mutex_);
    schedule_.learn({.name = done.request.name,
                     .image_type = done.request.image_type,
                     .took = done.finished - done.started});
}

// --- Shown ---

std::shared_ptr<const Outlooks> Assignments::latest(Time now, const std::string& id) const {
    const std::lock_guard lock(outlooks_mutex_);
    const auto age = now - outlooks_made_;
    const bool is_good = age < (outlooks_->find(id) ? kOutlooksAge : kOutlooksAgeMin);
    return is_good && age.count() >= 0 ? outlooks_ : nullptr;
}

std::shared_ptr<const Outlooks> Assignments::outlooks(Time now, const std::string& id) {
    if (auto good = latest(now, id)) {
        return good;
    }
    const std::lock_guard forecasting(forecasting_);
    if (auto good = latest(now, id)) {
        return good;  // somebody else has made it while we waited
    }
    std::shared_ptr<const Outlooks> made;
    {
        const std::lock_guard lock(mutex_);
        made = std::make_shared<const Outlooks>(schedule_.outlooks(now));
    }
    const std::lock_guard lock(outlooks_mutex_);
    outlooks_ = made;
    outlooks_made_ = now;
    return made;
}

std::vector<PoolWorker> Assignments::workers() const {
    const std::lock_guard lock(mutex_);
    std::vector<PoolWorker> workers;
    for (const auto& [name, worker] : schedule_.pool().workers()) {
        workers.push_back(worker);
    }
    return workers;
}

std::size_t Assignments::waiting() const {
    const std::lock_guard lock(mutex_);
    return schedule_.waiting();
}

std::size_t Assignments::running() const {
    const std::lock_guard lock(mutex_);
    return schedule_.running();
}

}  // namespace img::jobs
