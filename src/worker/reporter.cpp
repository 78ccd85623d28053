#include "worker/reporter.hpp"

#include "jobs/job_message.hpp"

#include <algorithm>
#include <fmt/format.h>

namespace img::worker {
namespace {

constexpr std::size_t kLogKept = 1 << 20;
constexpr auto kRetryPause = std::chrono::milliseconds(200);

}  // namespace

Reporter::Reporter(jobs::JobQueue& queue, jobs::BuildOrder order, ReporterOptions options)
    : queue_(queue),
      id_(std::move(order.id)),
      attempt_(order.attempt),
      options_(std::move(options)),
      last_beat_(Clock::now()) {
    start();
    thread_ = std::jthread([this](const std::stop_token& stop) { run(stop); });
}

Reporter::~Reporter() = default;

void Reporter::hear(const engine::Event& event) {
    const std::lock_guard lock(mutex_);
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
    send_due();
    changed_.notify_one();
}

void Reporter::add_log(std::string_view line) {
    if (log_offset_ + log_.size() >= options_.log_max) {
        if (!is_log_cut_) {
            is_log_cut_ = true;
            log_ += fmt::format("--- the log ends here: it is {} MiB long ---\n",
                                options_.log_max >> 20);
        }
        return;
    }
    log_.append(line).push_back('\n');
    if (log_.size() > kLogKept) {
        const auto dropped = log_.find('\n', log_.size() - kLogKept) + 1;
        log_offset_ += dropped;
        log_.erase(0, dropped);
    }
}

void Reporter::finish(const decltype(jobs::Report::what)& what, const std::stop_token& stop) {
    std::unique_lock lock(mutex_);
    is_over_ = true;
    for (;;) {
        if ((send_log() && send(what)) || stop.stop_requested()) {
            return;
        }
        changed_.wait_for(lock, stop, kRetryPause, [] { return false; });
    }
}

void Reporter::run(const std::stop_token& stop) {
    std::unique_lock lock(mutex_);
    while (!stop.stop_requested()) {
        const auto due = next_due();
        changed_.wait_until(lock, stop, due, [&] { return next_due() < due; });
        send_due();
    }
}

/// When there is something to send next. Under the lock, as all below.
Reporter::Clock::time_point Reporter::next_due() const {
    if (is_over_) {
        return Clock::now() + options_.beat;
    }
    auto due = last_beat_ + options_.beat;
    if (is_progress_new_) {
        due = std::min(due, last_beat_ + options_.progress_pause);
    }
    if (!log_.empty()) {
        due = std::min(due, last_log_ + options_.log_pause);
    }
    return due;
}

void Reporter::send_due() {
    if (is_over_) {
        return;
    }
    const auto now = Clock::now();
    const bool is_full = log_.size() >= jobs::kLogTextMax;
    if (!log_.empty() && (is_full || now - last_log_ >= options_.log_pause)) {
        send_log();
        last_log_ = now;
    }
    if (is_stage_new_ || now - last_beat_ >= options_.beat ||
        (is_progress_new_ && now - last_beat_ >= options_.progress_pause)) {
        if (send(jobs::Report::Beat{progress_})) {
            is_progress_new_ = is_stage_new_ = false;
        }
        last_beat_ = now;
    }
}

/// Whether all of it is sent.
bool Reporter::send_log() {
    while (!log_.empty()) {
        const auto size = std::min(log_.size(), jobs::kLogTextMax);
        if (!send(jobs::Report::Log{.offset = log_offset_, .text = log_.substr(0, size)})) {
            return false;
        }
        log_.erase(0, size);
        log_offset_ += size;
    }
    return true;
}

/// Nothing else is believed before it.
bool Reporter::start() {
    is_started_ = is_started_ || put(jobs::Report::Started{});
    return is_started_;
}

bool Reporter::send(decltype(jobs::Report::what) what) {
    return start() && put(std::move(what));
}

bool Reporter::put(decltype(jobs::Report::what) what) {
    return queue_
        .send(jobs::Report{
            .id = id_, .attempt = attempt_, .worker = options_.worker, .what = std::move(what)})
        .has_value();
}

}  // namespace img::worker
