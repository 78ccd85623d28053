#include "worker/reporter.hpp"

#include "base/printable.hpp"
#include "jobs/job_message.hpp"
#include "system/kill_point.hpp"

#include <algorithm>
#include <fmt/format.h>

namespace img::worker {
namespace {

constexpr std::size_t kLogKept = 1 << 20;
// More than that is cut off at once, for each cut moves all that is kept.
constexpr std::size_t kLogCut = kLogKept / 8;
constexpr std::size_t kLogAhead = kLogKept / 2;  // that a build may be ahead of the queue
constexpr std::size_t kPiecesMax = 16;           // of the log between two beats
// After a failure the next try waits so long, and twice as long each time up to the longest.
constexpr auto kRetryFirst = std::chrono::milliseconds(200);
constexpr auto kRetryLongest = std::chrono::milliseconds(3'000);

}  // namespace

Reporter::Reporter(jobs::JobQueue& queue, jobs::BuildOrder order, ReporterOptions options)
    : queue_(queue),
      id_(std::move(order.id)),
      attempt_(order.attempt),
      options_(std::move(options)),
      retry_pause_(kRetryFirst),
      last_beat_(Clock::now()) {}

Reporter::~Reporter() = default;

bool Reporter::start(std::chrono::milliseconds patience, const std::stop_token& stop) {
    const auto deadline = Clock::now() + patience;
    const std::lock_guard sending(sending_);
    while (!put(jobs::Report::Started{})) {
        if (next_try_ > deadline || stop.stop_requested()) {
            return false;
        }
        pause(next_try_, stop);
    }
    const std::lock_guard lock(mutex_);
    is_started_ = true;
    last_beat_ = Clock::now();
    thread_ = std::jthread([this](const std::stop_token& ended) { run(ended); });
    return true;
}

void Reporter::hear(const engine::Event& event) {
    std::unique_lock lock(mutex_);
    if (const auto* logged = std::get_if<engine::Logged>(&event)) {
        add_log(logged->line);
    } else if (const auto* progressed = std::get_if<engine::Progressed>(&event)) {
        const auto stage = engine::to_text(progressed->stage);
        is_stage_new_ = is_stage_new_ || progress_.stage != stage;
        is_progress_new_ = true;
        progress_ = {.stage = std::string(stage),
                     .done = progressed->done,
                     .total = progressed->total,
                     .unit = progressed->unit,
                     .text = progressed->text};
    }
    changed_.notify_all();
    changed_.wait(lock, [this] { return log_.size() < kLogAhead || is_away_ || !is_started_; });
}

/// As UTF-8, for the service counts the bytes of what JSON can carry.
void Reporter::add_log(std::string_view line) {
    if (log_offset_ + log_.size() >= options_.log_max) {
        if (!is_log_cut_) {
            is_log_cut_ = true;
            log_ += fmt::format("--- the log ends here: it is {} MiB long ---\n",
                                options_.log_max >> 20);
        }
        return;
    }
    log_.append(as_utf8(line)).push_back('\n');
    if (log_.size() > kLogKept + kLogCut) {
        const auto dropped = log_.find('\n', log_.size() - kLogKept) + 1;
        log_offset_ += dropped;
        log_.erase(0, dropped);
    }
}

void Reporter::finish(const What& what, const std::stop_token& stop) {
    {
        const std::lock_guard lock(mutex_);
        is_over_ = true;
    }
    const std::lock_guard sending(sending_);
    while (!(send_log(std::string::npos) && put(what)) && !stop.stop_requested()) {
        pause(next_try_, stop);
    }
}

void Reporter::run(const std::stop_token& stop) {
    while (!stop.stop_requested()) {
        {
            std::unique_lock lock(mutex_);
            const auto due = next_due();
            changed_.wait_until(lock, stop, due, [&] { return next_due() < due; });
        }
        send_due();
    }
}

/// When there is something to send next. Under the lock.
Reporter::Clock::time_point Reporter::next_due() const {
    if (is_over_) {
        return Clock::now() + options_.beat;
    }
    auto due = last_beat_ + options_.beat;
    if (is_stage_new_) {
        due = last_beat_;
    } else if (is_progress_new_) {
        due = std::min(due, last_beat_ + options_.progress_pause);
    }
    if (log_.size() >= jobs::kLogTextMax) {
        due = last_log_;
    } else if (!log_.empty()) {
        due = std::min(due, last_log_ + options_.log_pause);
    }
    return is_away_ ? std::max(due, next_try_) : due;
}

void Reporter::send_due() {
    const std::lock_guard sending(sending_);
    bool is_log_due = false, is_beat_due = false;
    {
        const std::lock_guard lock(mutex_);
        const auto now = Clock::now();
        if (is_over_ || next_due() > now) {
            return;
        }
        is_log_due = !log_.empty() &&
                     (log_.size() >= jobs::kLogTextMax || now >= last_log_ + options_.log_pause);
        is_beat_due = is_stage_new_ || now >= last_beat_ + options_.beat ||
                      (is_progress_new_ && now >= last_beat_ + options_.progress_pause);
    }
    if (is_log_due && !send_log(kPiecesMax)) {
        return;
    }
    if (is_beat_due && send_beat()) {
        system::kill_point("beat.sent");
    }
}

/// Whether all of it is sent, or as many pieces. Holds sending_, as all below.
bool Reporter::send_log(std::size_t pieces_max) {
    for (std::size_t i = 0; i < pieces_max; ++i) {
        {
            const std::lock_guard lock(mutex_);
            last_log_ = Clock::now();
            if (log_.empty()) {
                return true;
            }
        }
        if (!send_piece()) {
            return false;
        }
    }
    return true;
}

bool Reporter::send_piece() {
    jobs::Report::Log piece;
    {
        const std::lock_guard lock(mutex_);
        piece = {.offset = log_offset_, .text = std::string(utf8_head(log_, jobs::kLogTextMax))};
    }
    const auto end = piece.offset + piece.text.size();
    if (!put(std::move(piece))) {
        return false;
    }
    const std::lock_guard lock(mutex_);
    if (end > log_offset_) {  // or it has been dropped meanwhile
        log_.erase(0, end - log_offset_);
        log_offset_ = end;
    }
    changed_.notify_all();
    return true;
}

bool Reporter::send_beat() {
    jobs::Report::Beat beat;
    {
        const std::lock_guard lock(mutex_);
        beat.progress = progress_;
        is_progress_new_ = is_stage_new_ = false;
        last_beat_ = Clock::now();
    }
    if (put(std::move(beat))) {
        return true;
    }
    const std::lock_guard lock(mutex_);
    is_progress_new_ = true;  // said again when the queue is back
    return false;
}

bool Reporter::put(What what) {
    const bool is_sent =
        queue_
            .send(jobs::Report{
                .id = id_, .attempt = attempt_, .worker = options_.worker, .what = std::move(what)})
            .has_value();
    const std::lock_guard lock(mutex_);
    is_away_ = !is_sent;
    if (is_sent) {
        retry_pause_ = kRetryFirst;
    } else {
        next_try_ = Clock::now() + retry_pause_;
        retry_pause_ = std::min(2 * retry_pause_, kRetryLongest);
    }
    changed_.notify_all();
    return is_sent;
}

void Reporter::pause(Clock::time_point until, const std::stop_token& stop) {
    std::unique_lock lock(mutex_);
    changed_.wait_until(lock, stop, until, [] { return false; });
}

}  // namespace img::worker
