#include "jobs/report_desk.hpp"

#include "jobs/attempt_fence.hpp"
#include "jobs/job_message.hpp"
#include "system/kill_point.hpp"

#include <algorithm>
#include <fmt/format.h>

namespace img::jobs {
namespace {

constexpr std::size_t kDeferredLogMax = 64;  // of one job, of 64 KiB at most each

// Of one look at what was deferred, which happens with every sweep.
constexpr auto kDeferredTime = std::chrono::milliseconds(200);

// A fence is held for moments, or by somebody who has been stopped; the next sweep tries again.
constexpr auto kFenceWait = std::chrono::milliseconds(0);
constexpr auto kStartWait = std::chrono::milliseconds(500);  // everybody's reports wait behind it

bool is_visible(char c) {
    return static_cast<unsigned char>(c) >= ' ' && c != '\x7f';
}

/// A file of the worker's naming that a link may point to: no path, nothing hidden.
bool is_file_name(std::string_view name) {
    return !name.empty() && name.size() <= kFileNameMax && name.front() != '.' &&
           std::ranges::all_of(name, [](char c) { return c != '/' && is_visible(c); });
}

/// Where a worker says that artefacts are: the job's own folder, or some URL.
bool is_place(std::string_view place) {
    return place.empty() || (place.size() <= kPlaceMax && std::ranges::all_of(place, is_visible) &&
                             place.find(':') != std::string_view::npos);
}

/// A beat or a piece of the log that is lost does no harm; the others decide what becomes of a job.
bool is_decisive(const Report& report) {
    return !std::holds_alternative<Report::Beat>(report.what) &&
           !std::holds_alternative<Report::Log>(report.what);
}

bool is_worth_another_try(const Report& report, const Error& error) {
    return (error.fault == Fault::transient || error.fault == Fault::exhausted) &&
           is_decisive(report);
}

std::string last_words(const std::string& error) {
    return "IMG FAILED MISERABLY IN CREATING THE IMAGE!\n" + error;
}

}  // namespace

ReportDesk::ReportDesk(JobStore& store,
                       JobQueue& queue,
                       JobFeed& feed,
                       const JobFolders& folders,
                       Assignments& assignments,
                       ReportDeskOptions options)
    : store_(store),
      queue_(queue),
      feed_(feed),
      folders_(folders),
      assignments_(assignments),
      options_(std::move(options)) {}

void ReportDesk::receive(const Report& unbounded, const JobQueue::Receipt& receipt) {
    if (!is_job_id(unbounded.id)) {
        receipt();
        return;  // it would become a path
    }
    auto report = within_bounds(unbounded);
    {
        const std::lock_guard lock(mutex_);
        if (deferred_.contains(report.id)) {
            defer(std::move(report), receipt);
            return;
        }
        const auto heard = hear(report);
        note(heard);
        if (!heard && is_worth_another_try(report, heard.error())) {
            defer(std::move(report), receipt);
            return;
        }
    }
    receipt();
    feed_.announce(unbounded.id);
}

void ReportDesk::hear_deferred() {
    const auto deadline = std::chrono::steady_clock::now() + kDeferredTime;
    std::set<std::string> seen;
    for (;;) {
        std::string id;
        {
            const std::lock_guard lock(mutex_);
            auto next = deferred_.upper_bound(tried_);  // in turn: one may take all of the time
            next = next == deferred_.end() ? deferred_.begin() : next;
            if (next == deferred_.end() || !seen.insert(next->first).second) {
                return;
            }
            tried_ = next->first;
            while (!next->second.empty() && hear_next_of(next->second)) {
                id = next->first;
            }
            if (next->second.empty()) {
                deferred_.erase(next);
            }
        }
        if (!id.empty()) {
            feed_.announce(id);
        }
        if (std::chrono::steady_clock::now() >= deadline) {
            return;
        }
    }
}

void ReportDesk::forget(const std::string& id) {
    const std::lock_guard lock(mutex_);
    running_.erase(id);
    held_.erase(id);
    assignments_.ended(id, now());
}

// --- Under the lock, from here on ---

/// Behind those of its job that wait already.
void ReportDesk::defer(Report report, const JobQueue::Receipt& receipt) {
    auto& waiting = deferred_[report.id];
    if (!is_decisive(report)) {
        receipt();
        if (std::holds_alternative<Report::Log>(report.what) && waiting.size() < kDeferredLogMax) {
            waiting.push_back({.report = std::move(report)});
        }
        return;
    }
    const auto same = std::ranges::find_if(waiting, [&](const Deferred& one) {
        return one.report.attempt == report.attempt && one.report.worker == report.worker &&
               one.report.what.index() == report.what.index();
    });
    if (same != waiting.end()) {
        same->receipts.push_back(receipt);  // the queue has sent it again
    } else {
        waiting.push_back({.report = std::move(report), .receipts = {receipt}});
    }
}

/// Whether it is through with the first one.
bool ReportDesk::hear_next_of(std::deque<Deferred>& deferred) {
    const auto& first = deferred.front();
    const auto heard = hear(first.report);
    if (!heard && is_worth_another_try(first.report, heard.error())) {
        return false;  // why has been told when it was deferred
    }
    note(heard);
    for (const auto& receipt : first.receipts) {
        receipt();
    }
    deferred.pop_front();
    return true;
}

Result<void> ReportDesk::hear(const Report& report) {
    if (std::holds_alternative<Report::Started>(report.what)) {
        return start(report);
    }
    Running* running = TRY(running_for(report));
    if (running == nullptr) {
        refuse(report);
        return {};
    }
    if (std::holds_alternative<Report::Done>(report.what)) {
        return finish_done(*running, report);
    }
    if (const auto* failed = std::get_if<Report::Failed>(&report.what)) {
        return finish(*running, report,
                      {.id = report.id,
                       .attempt = report.attempt,
                       .event = JobEvent::fail,
                       .error = failed->error,
                       .error_stage = failed->stage,
                       .now = now()});
    }
    if (std::holds_alternative<Report::Stopped>(report.what)) {
        const auto job = TRY(store_.find(report.id));
        return job ? lose_locked(*job) : Result<void>();  // nobody here asked it to stop
    }
    if (const auto* beat = std::get_if<Report::Beat>(&report.what)) {
        running->progress = beat->progress;
        TRY(renew(*running, report));
        system::kill_point("beat.heard");
        return {};
    }
    return write_log(*running, report);
}

Result<void> ReportDesk::start(const Report& report) {
    const auto moved = TRY(store_.move({.id = report.id,
                                        .attempt = report.attempt,
                                        .event = JobEvent::start,
                                        .worker = report.worker,
                                        .now = now(),
                                        .lease_end = now() + options_.lease}));
    if (!moved) {
        if (const auto* running = TRY(running_for(report)); running == nullptr) {
            refuse(report);  // another worker was first, or the job is over
        }
        return {};
    }
    system::kill_point("start.moved");
    assignments_.started(*moved, now());
    if (!folders_.has_kickstart(*moved)) {  // a power cut took it, see write_kickstart()
        TRY(folders_.write_kickstart(*moved));
    }
    note(settle_fence(*moved));  // one that cannot be: its worker is refused, and says so
    remember(*moved);
    return {};
}

/// To the attempt of the row, also where it is ahead, as after the restore of an older backup.
Result<void> ReportDesk::settle_fence(const Job& begun) {
    auto fence = AttemptFence::hold(folders_.folder(begun.id), kStartWait);
    if (!fence) {
        return std::unexpected(fence.error());
    }
    if (fence->newest() > begun.attempt) {
        // Who cancels moves the row and closes the fence then: either is seen here, or it comes
        // after us, who hold the fence.
        const auto job = TRY(store_.find(begun.id));
        if (!job || job->state != JobState::building || job->attempt != begun.attempt) {
            return {};
        }
        note(fail(Fault::broken,
                  fmt::format("job {}: its folder says that {}, its row that attempt {} builds, as "
                              "after the restore of a backup; the row counts",
                              begun.id,
                              fence->newest() == AttemptFence::kClosed
                                  ? std::string("it is over")
                                  : fmt::format("attempt {} has begun", fence->newest()),
                              begun.attempt)));
    }
    return fence->set(begun.attempt);
}

Result<void> ReportDesk::finish_done(Running& running, const Report& report) {
    const auto& done = std::get<Report::Done>(report.what);
    Move move{.id = report.id, .attempt = report.attempt, .event = JobEvent::succeed, .now = now()};
    if (!is_file_name(done.image) || !is_place(done.place)) {
        move.event = JobEvent::fail;
        move.error = "the worker gave no usable name or place for the image";
        return finish(running, report, move);
    }
    if (!done.manifest.empty()) {
        TRY(folders_.write_manifest(report.id, done.manifest));
    }
    move.image = done.image;
    move.place = done.place;
    move.size = done.size;
    return finish(running, report, move);
}

Result<void> ReportDesk::finish(Running& running, const Report& report, const Move& move) {
    if (move.event == JobEvent::fail && running.log) {
        // Before the move: whoever reads "error" finds the log whole. The lease is still good.
        note(running.log->close_with(last_words(move.error)));
    }
    system::kill_point("finish.log-closed");
    // Before the move: from "done" on, its files are what they are. Where it fails, the job ends
    // all the same; somebody else's lock may never be let go of.
    note(folders_.close_fence(report.id, report.attempt));
    const auto moved = TRY(store_.move(move));
    system::kill_point("finish.moved");
    if (!moved) {
        refuse(report);
    }
    running_.erase(report.id);
    held_.erase(report.id);
    assignments_.ended(report.id, now());
    if (moved && moved->state == JobState::done) {
        assignments_.learn(*moved);
    }
    return {};
}

Result<void> ReportDesk::renew(Running& running, const Report& report) {
    const auto lease_end = now() + options_.lease;
    if (!TRY(store_.beat(report.id, report.attempt, running.progress, lease_end))) {
        running_.erase(report.id);
        refuse(report);
        return {};
    }
    running.lease_end = lease_end;
    return {};
}

Result<void> ReportDesk::write_log(Running& running, const Report& report) {
    const auto& log = std::get<Report::Log>(report.what);
    if (!running.log) {
        running.log = TRY(JobLog::open(running.log_file, running.attempt));
    }
    auto written = running.log->write(log.offset, log.text);
    system::kill_point("log.written");
    // A log is as good as a beat, but not every line of it is worth a write to the database.
    if (running.lease_end - now() < options_.lease * 2 / 3) {
        TRY(renew(running, report));
    }
    return written;
}

/// Null where the report is not of the attempt and the worker that hold the lease.
Result<ReportDesk::Running*> ReportDesk::running_for(const Report& report) {
    const auto known = running_.find(report.id);
    if (known != running_.end()) {
        const bool is_same =
            known->second.attempt == report.attempt && known->second.worker == report.worker;
        return is_same ? &known->second : nullptr;
    }
    const auto job = TRY(store_.find(report.id));
    if (!job || job->state != JobState::building || job->attempt != report.attempt ||
        job->worker != report.worker) {
        return nullptr;
    }
    return remember(*job);
}

ReportDesk::Running* ReportDesk::remember(const Job& job) {
    Running running{.attempt = job.attempt,
                    .worker = job.worker,
                    .progress = job.progress,
                    .lease_end = job.lease_end,
                    .log_file = folders_.log_file(job)};
    auto log = JobLog::open(running.log_file, job.attempt);
    if (log) {
        running.log = *std::move(log);
    } else {
        note(std::unexpected(log.error()));  // the job matters more; tried again with each piece
    }
    return &running_.insert_or_assign(job.id, std::move(running)).first->second;
}

/// Tells that worker to stop, at signs that it is at work; at others it is through anyway.
void ReportDesk::refuse(const Report& report) {
    if (std::holds_alternative<Report::Started>(report.what) ||
        std::holds_alternative<Report::Beat>(report.what)) {
        note(queue_.send(
            CancelOrder{.id = report.id, .attempt = report.attempt, .worker = report.worker}));
    }
}

// --- Workers that are gone ---

Result<void> ReportDesk::lose_expired() {
    const std::lock_guard lock(mutex_);
    for (const auto& job : TRY(store_.expired(now()))) {
        (void)lose_unless_deferred(job);
    }
    return {};
}

bool ReportDesk::lose(const Job& job) {
    const std::lock_guard lock(mutex_);
    return lose_unless_deferred(job);
}

bool ReportDesk::lose_unless_deferred(const Job& job) {
    if (deferred_.contains(job.id)) {
        return false;
    }
    const auto lost = lose_locked(job);
    if (lost) {
        held_.erase(job.id);
    } else if (held_.insert(job.id).second) {
        note(lost);
    }
    return lost.has_value();
}

Result<void> ReportDesk::lose_locked(const Job& listed) {
    const auto found = TRY(store_.find(listed.id));  // a list does not say how many it has lost
    if (!found || found->state != JobState::building || found->attempt != listed.attempt) {
        return {};
    }
    const Job& job = *found;
    const bool is_last = job.losses + 1 >= options_.attempts_max;
    // First the fence: from the moment that a newer attempt may run, the old one cannot publish.
    TRY(folders_.raise_fence(job.id, is_last ? AttemptFence::kClosed : job.attempt + 1,
                             kFenceWait));
    system::kill_point("lost.fenced");
    Move move{.id = job.id,
              .attempt = job.attempt,
              .event = is_last ? JobEvent::fail : JobEvent::lose_worker,
              .now = now()};
    if (is_last) {
        move.error = fmt::format(
            "the job lost its worker {} times, last {}; see whether workers "
            "run out of memory, then submit it again",
            job.losses + 1, job.worker);
        move.error_stage = job.progress.stage;
        note(folders_.close_log(job, last_words(move.error)));
    }
    running_.erase(job.id);
    const auto moved = TRY(store_.move(move));
    system::kill_point("lost.moved");
    if (!moved) {
        return {};
    }
    assignments_.ended(job.id, now());
    if (moved->state == JobState::queued) {
        assignments_.again(*moved);
    }
    feed_.announce(job.id);
    return {};
}

void ReportDesk::note(const Result<void>& result) const {
    if (!result && options_.trouble) {
        options_.trouble(result.error());
    }
}

}  // namespace img::jobs
