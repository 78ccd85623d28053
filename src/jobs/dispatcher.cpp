#include "jobs/dispatcher.hpp"

#include "jobs/leftovers.hpp"
#include "jobs/orphans.hpp"
#include "system/kill_point.hpp"

#include <limits>

namespace img::jobs {
namespace {

constexpr std::size_t kOutboxBatch = 100;
constexpr std::size_t kBuildingPage = 500;

// How much of the queue a service shows that does not lead, and how old it may be.
constexpr std::size_t kFollowedMax = 10'000;
constexpr auto kFollowPause = std::chrono::seconds(5);
constexpr auto kAnnouncePause = std::chrono::seconds(1);

// A presence comes every 10 s and with every slot that is taken or freed; a burst of those is
// written down once.
constexpr auto kNotePause = std::chrono::seconds(3);

// With the disk full, retention runs much more often than every minute.
constexpr auto kFullPause = std::chrono::seconds(5);

// Each time is a look into every old folder, and there are few orphans.
constexpr auto kOrphanPause = std::chrono::hours(1);

}  // namespace

Dispatcher::Dispatcher(JobStore& store, JobQueue& queue, JobFeed& feed, DispatcherOptions options)
    : store_(store),
      queue_(queue),
      feed_(feed),
      options_(std::move(options)),
      folders_(options_.www_root, options_.disk_floor),
      submissions_(store, folders_, options_.reuse, options_.trouble),
      leadership_(store, options_.holder.empty() ? new_job_id() : options_.holder),
      assignments_(store, queue, folders_, options_.schedule),
      desk_(store,
            queue,
            feed,
            folders_,
            assignments_,
            {.lease = options_.lease,
             .attempts_max = options_.attempts_max,
             .clock = [this] { return now(); },
             .trouble = options_.trouble}),
      retention_(store, options_.www_root, options_.retention) {
    presences_ = queue_.on_presence([this](const Presence& presence) { hear(presence); });
    sweeper_ = std::jthread([this](const std::stop_token& stop) { run(stop); });
    cleaner_ = std::jthread([this](const std::stop_token& stop) { clean(stop); });
}

Dispatcher::~Dispatcher() {
    presences_.reset();  // nothing may ring the bell of a thread that is gone
    cleaner_.request_stop();
    sweeper_.request_stop();
    sweeper_.join();
    cleaner_.join();
    reports_.reset();
    leadership_.let_go();
}

Result<Submitted> Dispatcher::submit(JobRequest request) {
    auto submitted = submissions_.submit(std::move(request), now());
    if (!submitted) {
        if (submitted.error().fault == Fault::exhausted) {
            ring_bell();  // retention may be able to help
        }
        return submitted;
    }
    ring_bell();
    feed_.announce(submitted->job.id);
    return submitted;
}

Result<Job> Dispatcher::cancel(const std::string& id) {
    auto job = TRY(submissions_.cancel(id, now()));
    desk_.forget(id);
    ring_bell();
    feed_.announce(id);
    return job;
}

std::shared_ptr<const Outlooks> Dispatcher::outlooks() {
    is_asked_ = true;
    return assignments_.outlooks(now(), {});
}

std::optional<Outlook> Dispatcher::outlook(const std::string& id) {
    is_asked_ = true;
    return assignments_.outlooks(now(), id)->find(id);
}

std::size_t Dispatcher::waiting() {
    is_asked_ = true;
    return assignments_.waiting();
}

std::size_t Dispatcher::building() {
    is_asked_ = true;
    return assignments_.running();
}

// --- The thread that sweeps ---

void Dispatcher::run(const std::stop_token& stop) {
    while (!stop.stop_requested()) {
        const bool leads = holds_lead();
        if (!leads && is_leading_) {
            step_down();
        }
        desk_.hear_deferred();
        if (!leads) {
            follow();
        } else if (lead()) {
            continue;
        }
        std::unique_lock lock(bell_mutex_);
        bell_.wait_for(lock, stop, options_.sweep, [this] { return is_rung_; });
        is_rung_ = false;
    }
}

/// Renews the lease where that is due. Asked before each step, for any of them may take long, and
/// another one leads when the lease is over.
bool Dispatcher::holds_lead() {
    const auto held = leadership_.hold(now());
    if (!held) {
        note(std::unexpected(held.error()));
    }
    return leadership_.is_ours(now());
}

/// Whether there is more to do at once.
bool Dispatcher::lead() {
    if (!is_leading_) {
        const auto taken = take_over();
        note(taken);
        if (!taken) {
            return false;
        }
    }
    if (!is_recovered_ && holds_lead()) {
        note(recover_local());
    }
    assignments_.settle(now());
    if (!queue_.hears_reports()) {
        heard_since_ = now();
    }
    if (now() - heard_since_ >= options_.lease && holds_lead()) {
        note(desk_.lose_expired());  // not before: beats from before may still be on their way
    }
    if (holds_lead()) {
        note(assignments_.load_new(now()));
    }
    if (holds_lead()) {
        note(assignments_.give_out(now()));
    }
    if (holds_lead()) {
        sweep_images();
    }
    const auto has_more = ring();  // last: after an outage of the broker it has much to say
    note(has_more ? Result<void>() : std::unexpected(has_more.error()));
    return has_more.value_or(false);
}

/// Another one leads: the queue is loaded only to be shown, and watchers are told to look, for
/// nothing else tells them.
void Dispatcher::follow() {
    const auto time = now();
    if (is_asked_ && (time - followed_ >= kFollowPause || time < followed_)) {
        is_asked_ = false;
        followed_ = time;
        note(assignments_.load(time, kFollowedMax));
    }
    feed_.announce_all(kAnnouncePause);
}

Result<void> Dispatcher::take_over() {
    TRY(assignments_.load(now(), std::numeric_limits<std::size_t>::max()));
    heard_since_ = now();
    reports_ = queue_.on_report([this](const Report& report, const JobQueue::Receipt& receipt) {
        desk_.receive(report, receipt);
        if (!std::holds_alternative<Report::Log>(report.what) &&
            !std::holds_alternative<Report::Beat>(report.what)) {
            ring_bell();  // a status is to be sent
        }
    });
    is_leading_ = true;
    return {};
}

void Dispatcher::step_down() {
    is_leading_ = false;
    reports_.reset();
}

/// What the process before this one was building here is lost; where some of it cannot be taken
/// now, the next turn tries again.
Result<void> Dispatcher::recover_local() {
    if (options_.local_worker_prefix.empty()) {
        is_recovered_ = true;
        return {};
    }
    bool has_all = true;
    JobFilter filter{.state = JobState::building, .limit = kBuildingPage};
    for (;;) {
        const auto page = TRY(store_.list(filter));
        for (const auto& job : page) {
            if (job.worker.starts_with(options_.local_worker_prefix) &&
                job.worker != options_.live_worker) {
                has_all = desk_.lose(job) && has_all;
            }
        }
        if (page.size() < kBuildingPage) {
            is_recovered_ = has_all;
            return {};
        }
        filter.before = page.back().id;
    }
}

/// One batch of the outbox; whether there are more.
Result<bool> Dispatcher::ring() {
    const auto rows = TRY(store_.outbox(kOutboxBatch));
    Result<void> outcome;
    std::int64_t last = 0;
    for (std::size_t i = 0; i < rows.size() && outcome && holds_lead(); ++i) {
        outcome =
            std::visit([this](const auto& message) { return send(message); }, rows[i].message);
        last = outcome ? rows[i].row : last;
    }
    if (last != 0) {
        TRY(store_.sent(last));  // once for all: a crash before it sends them twice, harmlessly
    }
    TRY(outcome);
    return rows.size() == kOutboxBatch;
}

Result<void> Dispatcher::send(const CancelOrder& order) {
    desk_.forget(order.id);  // another service may have taken the cancel
    return queue_.send(order);
}

Result<void> Dispatcher::send(const StatusNotice& notice) {
    if (options_.door == nullptr) {
        return {};
    }
    TRY(options_.door->send(notice));
    system::kill_point("status.sent");
    return {};
}

void Dispatcher::sweep_images() {
    const bool is_full = !folders_.check_room();
    const auto pause = is_full ? kFullPause : options_.retention_pause;
    const auto time = now();
    if ((is_full && !was_full_) || time - images_swept_ >= pause || time < images_swept_) {
        images_swept_ = time;
        const auto swept = retention_.sweep(time);
        note(swept ? Result<void>() : std::unexpected(swept.error()));
        {
            const std::lock_guard lock(cleaning_mutex_);
            is_cleaning_due_ = true;
        }
        cleaning_bell_.notify_one();
    }
    was_full_ = is_full;
}

// --- The thread that cleans ---

/// An S3 service may keep it waiting, as may a network file system: the lease and the jobs that
/// wait must not.
void Dispatcher::clean(const std::stop_token& stop) {
    while (!stop.stop_requested()) {
        {
            std::unique_lock lock(cleaning_mutex_);
            cleaning_bell_.wait(lock, stop, [this] { return is_cleaning_due_; });
            is_cleaning_due_ = false;
        }
        if (is_leading_ && !stop.stop_requested()) {
            clean_up(stop);
        }
    }
}

void Dispatcher::clean_up(const std::stop_token& stop) {
    const auto removed = retention_.sweep_elsewhere(stop);
    Result<void> swept;
    const auto time = now();
    if (time - orphans_swept_ >= kOrphanPause || time < orphans_swept_) {
        const auto count = sweep_orphans(store_, options_.www_root, time, stop);
        const auto left = sweep_leftovers(store_, options_.www_root, stop);
        const auto& failed = count ? left : count;
        swept = failed ? Result<void>() : std::unexpected(failed.error());
        orphans_swept_ = failed ? time : orphans_swept_;  // with the store away: soon again
    }
    if (!stop.stop_requested()) {  // or they say no more than that
        note(removed);
        note(swept);
    }
}

// --- Workers ---

void Dispatcher::hear(const Presence& presence) {
    assignments_.hear(presence, now());
    if (is_leading_) {
        note_presence(presence);
        ring_bell();  // there may be a free slot
    }
}

void Dispatcher::note_presence(const Presence& presence) {
    {
        const std::lock_guard lock(noted_mutex_);
        std::erase_if(noted_, [this](const auto& one) { return now() - one.second > kNotePause; });
        if (!presence.is_gone && noted_.contains(presence.worker)) {
            return;
        }
        noted_[presence.worker] = now();
    }
    note(store_.note(presence, now()));
}

// --- Small things ---

void Dispatcher::ring_bell() {
    {
        const std::lock_guard lock(bell_mutex_);
        is_rung_ = true;
    }
    bell_.notify_one();
}

void Dispatcher::note(const Result<void>& result) const {
    if (!result && options_.trouble) {
        options_.trouble(result.error());
    }
}

Time Dispatcher::now() const {
    if (options_.clock) {
        return options_.clock();
    }
    return std::chrono::time_point_cast<std::chrono::milliseconds>(
        std::chrono::system_clock::now());
}

}  // namespace img::jobs
