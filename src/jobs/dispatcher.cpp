#include "jobs/dispatcher.hpp"

#include "jobs/attempt_fence.hpp"
#include "jobs/job_message.hpp"

#include <algorithm>
#include <fmt/format.h>
#include <fstream>
#include <iterator>
#include <system_error>

namespace img::jobs {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t kOutboxBatch = 100;
constexpr std::size_t kBuildingPage = 500;
constexpr std::size_t kDeferredMax = 4096;  // of 64 KiB at most each; workers' logs have gaps then
constexpr int kCancelTries = 5;             // each fails only if the job moved on in between

/// A file of the worker's naming that a link may point to: no path, nothing hidden.
bool is_file_name(std::string_view name) {
    constexpr std::size_t length_max = 255;  // ext4
    return !name.empty() && name.size() <= length_max && name.front() != '.' &&
           std::ranges::none_of(name, [](char c) {
               return c == '/' || static_cast<unsigned char>(c) < ' ' || c == '\x7f';
           });
}

/// A beat or a piece of the log that is lost does no harm; the others decide what becomes of a job.
bool is_worth_another_try(const Report& report, const Error& error) {
    return (error.fault == Fault::transient || error.fault == Fault::exhausted) &&
           !std::holds_alternative<Report::Beat>(report.what) &&
           !std::holds_alternative<Report::Log>(report.what);
}

Result<void> raise_fence(const fs::path& folder, unsigned attempt) {
    const auto fence = AttemptFence::enter(folder, attempt);
    if (!fence &&
        (fence.error().fault == Fault::invalid || fence.error().fault == Fault::missing)) {
        return {};  // higher already, or somebody removed the folder: nothing to publish into
    }
    return fence ? Result<void>() : std::unexpected(fence.error());
}

std::string last_words(const std::string& error) {
    return "IMG FAILED MISERABLY IN CREATING THE IMAGE!\n" + error;
}

std::string read_file(const fs::path& path) {
    std::ifstream in(path, std::ios::binary);
    return {std::istreambuf_iterator(in), {}};
}

}  // namespace

Dispatcher::Dispatcher(JobStore& store, JobQueue& queue, JobFeed& feed, DispatcherOptions options)
    : store_(store), queue_(queue), feed_(feed), options_(std::move(options)), begun_(now()) {
    reports_ = queue_.on_report([this](const Report& report) { receive(report); });
    sweeper_ = std::jthread([this](const std::stop_token& stop) { sweep(stop); });
}

Dispatcher::~Dispatcher() = default;

fs::path Dispatcher::folder(const std::string& id) const {
    return options_.www_root / id;
}

fs::path Dispatcher::log_file(const Job& job) const {
    return folder(job.id) / (job.request.name + ".log");
}

Result<Job> Dispatcher::submit(JobRequest request) {
    if (!is_job_name(request.name)) {
        return fail(Fault::invalid,
                    "name: give 1 to 100 letters, digits, dots, dashes or underscores, and begin "
                    "with a letter or digit");
    }
    if (request.kickstart.size() > kKickstartMax) {
        return fail(Fault::invalid, fmt::format("kickstart: {} bytes, at most {} are taken",
                                                request.kickstart.size(), kKickstartMax));
    }
    Job job{.id = new_job_id(), .request = std::move(request)};
    job.created = now();
    TRY(write_kickstart(job));
    if (const auto added = store_.add(job); !added) {
        std::error_code ignored;
        fs::remove_all(folder(job.id), ignored);
        return std::unexpected(added.error());
    }
    {
        const std::lock_guard lock(bell_mutex_);
        is_rung_ = true;
    }
    bell_.notify_one();
    feed_.announce(job.id);
    return job;
}

/// Not synchronised to disk here: the row is, and holds the same text, so start() mends a file
/// that a power cut took. That keeps a submit at one synchronous write instead of four.
Result<void> Dispatcher::write_kickstart(const Job& job) const {
    std::error_code error;
    fs::create_directories(folder(job.id), error);
    if (error) {
        return fail(error == std::errc::no_space_on_device ? Fault::exhausted : Fault::broken,
                    fmt::format("make {}: {}", folder(job.id).native(), error.message()));
    }
    const auto path = folder(job.id) / (job.request.name + ".ks");
    std::ofstream out(path, std::ios::binary | std::ios::trunc);
    out << job.request.kickstart;
    out.flush();
    if (!out) {
        const int number = errno;
        return fail(
            number == ENOSPC || number == EDQUOT ? Fault::exhausted : Fault::broken,
            fmt::format("write {}: {}", path.native(), std::generic_category().message(number)));
    }
    return {};
}

Result<Job> Dispatcher::cancel(const std::string& id) {
    std::optional<Job> moved;
    {
        const std::lock_guard lock(rules_);
        for (int i = 0; i < kCancelTries && !moved; ++i) {
            const auto job = TRY(store_.find(id));
            if (!job) {
                return fail(Fault::missing, fmt::format("job {}: there is none with this id", id));
            }
            if (is_finished(job->state)) {
                return fail(Fault::invalid, fmt::format("job {}: it is finished already ({})", id,
                                                        to_text(job->state)));
            }
            moved = TRY(store_.move(
                {.id = id, .attempt = job->attempt, .event = JobEvent::cancel, .now = now()}));
        }
        if (!moved) {
            return fail(Fault::transient, fmt::format("job {}: it keeps changing, try again", id));
        }
        running_.erase(id);
        note(raise_fence(folder(id), AttemptFence::kClosed));
        auto log = JobLog::open(log_file(*moved), moved->attempt);
        note(log ? log->close_with("--- cancelled ---") : std::unexpected(log.error()));
    }
    {
        const std::lock_guard lock(bell_mutex_);
        is_rung_ = true;
    }
    bell_.notify_one();
    feed_.announce(id);
    return *std::move(moved);
}

void Dispatcher::sweep(const std::stop_token& stop) {
    while (!stop.stop_requested()) {
        if (!is_recovered_) {
            const auto recovered = recover();
            note(recovered);
            is_recovered_ = recovered.has_value();
        }
        hear_deferred();
        note(requeue_lost());
        note(ring());
        std::unique_lock lock(bell_mutex_);
        bell_.wait_for(lock, stop, options_.sweep, [this] { return is_rung_; });
        is_rung_ = false;
    }
}

/// What the process before this one left behind.
Result<void> Dispatcher::recover() {
    if (!queue_.is_durable()) {
        (void)TRY(store_.ring_again());
    }
    if (options_.local_worker_prefix.empty()) {
        return {};
    }
    JobFilter filter{.state = JobState::building, .limit = kBuildingPage};
    for (;;) {
        const auto page = TRY(store_.list(filter));
        for (const auto& job : page) {
            if (job.worker.starts_with(options_.local_worker_prefix) &&
                job.worker != options_.live_worker) {
                const std::lock_guard lock(rules_);
                TRY(lose(job));
            }
        }
        if (page.size() < kBuildingPage) {
            return {};
        }
        filter.before = page.back().id;
    }
}

Result<void> Dispatcher::ring() {
    for (;;) {
        const auto rows = TRY(store_.outbox(kOutboxBatch));
        for (const auto& row : rows) {
            TRY(std::visit([this](const auto& order) { return queue_.send(order); }, row.order));
            TRY(store_.sent(row.row));
        }
        if (rows.size() < kOutboxBatch) {
            return {};
        }
    }
}

Result<void> Dispatcher::requeue_lost() {
    if (now() - begun_ < options_.lease) {
        return {};  // beats that came while the service was down are still on their way
    }
    const std::lock_guard lock(rules_);
    for (const auto& job : TRY(store_.expired(now()))) {
        TRY(lose(job));
    }
    return {};
}

/// The worker of a building job is gone. Under rules_.
Result<void> Dispatcher::lose(const Job& job) {
    const bool is_last = job.attempt >= options_.attempts_max;
    // First the fence: from the moment that a newer attempt may run, the old one cannot publish.
    TRY(raise_fence(folder(job.id), is_last ? AttemptFence::kClosed : job.attempt + 1));
    Move move{.id = job.id,
              .attempt = job.attempt,
              .event = is_last ? JobEvent::fail : JobEvent::lose_worker,
              .now = now()};
    if (is_last) {
        move.error = fmt::format(
            "the job lost its worker {} times, last {}; see whether workers "
            "run out of memory, then submit it again",
            job.attempt, job.worker);
        move.error_stage = job.progress.stage;
        auto log = JobLog::open(log_file(job), job.attempt);
        note(log ? log->close_with(last_words(move.error)) : std::unexpected(log.error()));
    }
    running_.erase(job.id);
    if (TRY(store_.move(move))) {
        feed_.announce(job.id);
    }
    return {};
}

void Dispatcher::receive(const Report& unbounded) {
    if (!is_job_id(unbounded.id)) {
        return;  // it would become a path
    }
    auto report = within_bounds(unbounded);
    {
        const std::lock_guard lock(rules_);
        if (!deferred_.empty()) {
            if (deferred_.size() < kDeferredMax) {
                deferred_.push_back(std::move(report));
            }
            return;
        }
        const auto heard = hear(report);
        if (!heard && is_worth_another_try(report, heard.error())) {
            deferred_.push_back(report);
        }
        note(heard);
    }
    feed_.announce(report.id);
}

/// The store could not take these when they came. Under nothing; takes rules_ itself.
void Dispatcher::hear_deferred() {
    for (;;) {
        std::string id;
        {
            const std::lock_guard lock(rules_);
            if (deferred_.empty()) {
                return;
            }
            const auto heard = hear(deferred_.front());
            note(heard);
            if (!heard && is_worth_another_try(deferred_.front(), heard.error())) {
                return;
            }
            id = deferred_.front().id;
            deferred_.pop_front();
        }
        feed_.announce(id);
    }
}

/// Under rules_, as all that follow.
Result<void> Dispatcher::hear(const Report& report) {
    if (std::holds_alternative<Report::Started>(report.what)) {
        return start(report);
    }
    Running* running = TRY(running_for(report));
    if (running == nullptr) {
        refuse(report);
        return {};
    }
    Move move{.id = report.id, .attempt = report.attempt, .now = now()};
    if (const auto* done = std::get_if<Report::Done>(&report.what)) {
        move.event = JobEvent::succeed;
        move.image = done->image;
        if (!is_file_name(move.image)) {
            move.event = JobEvent::fail;
            move.image.clear();
            move.error = "the worker gave no usable file name for the image";
        }
        return finish(*running, report, move);
    }
    if (const auto* failed = std::get_if<Report::Failed>(&report.what)) {
        move.event = JobEvent::fail;
        move.error = failed->error;
        move.error_stage = failed->stage;
        return finish(*running, report, move);
    }
    if (std::holds_alternative<Report::Stopped>(report.what)) {
        const auto job = TRY(store_.find(report.id));
        return job ? lose(*job) : Result<void>();  // nobody here asked it to stop
    }
    if (const auto* beat = std::get_if<Report::Beat>(&report.what)) {
        running->progress = beat->progress;
        return renew(*running, report);
    }
    return write_log(*running, report);
}

Result<void> Dispatcher::write_log(Running& running, const Report& report) {
    const auto& log = std::get<Report::Log>(report.what);
    if (!running.log) {
        running.log = TRY(JobLog::open(folder(report.id) / running.log_name, running.attempt));
    }
    auto written = running.log->write(log.offset, log.text);
    // A log is as good as a beat, but not every line of it is worth a write to the database.
    if (running.lease_end - now() < options_.lease * 2 / 3) {
        TRY(renew(running, report));
    }
    return written;
}

Result<void> Dispatcher::start(const Report& report) {
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
    const auto kickstart = folder(moved->id) / (moved->request.name + ".ks");
    if (read_file(kickstart) != moved->request.kickstart) {
        TRY(write_kickstart(*moved));
    }
    TRY(raise_fence(folder(moved->id), moved->attempt));
    remember(*moved);
    return {};
}

Result<void> Dispatcher::renew(Running& running, const Report& report) {
    const auto lease_end = now() + options_.lease;
    if (!TRY(store_.beat(report.id, report.attempt, running.progress, lease_end))) {
        running_.erase(report.id);
        refuse(report);
        return {};
    }
    running.lease_end = lease_end;
    return {};
}

Result<void> Dispatcher::finish(Running& running, const Report& report, const Move& move) {
    if (move.event == JobEvent::fail) {
        // Before the move: whoever reads "error" finds the log whole. The lease is still good.
        if (running.log) {
            note(running.log->close_with(last_words(move.error)));
        }
    }
    if (!TRY(store_.move(move))) {
        refuse(report);
    }
    running_.erase(report.id);
    return {};
}

/// Null where the report is not of the attempt and the worker that hold the lease.
Result<Dispatcher::Running*> Dispatcher::running_for(const Report& report) {
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

Dispatcher::Running* Dispatcher::remember(const Job& job) {
    Running running{.attempt = job.attempt,
                    .worker = job.worker,
                    .progress = job.progress,
                    .lease_end = job.lease_end,
                    .log_name = job.request.name + ".log"};
    auto log = JobLog::open(log_file(job), job.attempt);
    if (log) {
        running.log = *std::move(log);
    } else {
        note(std::unexpected(log.error()));  // the job matters more; tried again with each piece
    }
    return &running_.insert_or_assign(job.id, std::move(running)).first->second;
}

/// Tells that worker to stop, at signs that it is at work; at others it is through anyway.
void Dispatcher::refuse(const Report& report) {
    if (std::holds_alternative<Report::Started>(report.what) ||
        std::holds_alternative<Report::Beat>(report.what)) {
        note(queue_.send(
            CancelOrder{.id = report.id, .attempt = report.attempt, .worker = report.worker}));
    }
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
