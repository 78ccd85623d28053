// What a worker says of one build while it runs: log pieces, progress and signs of life.
#pragma once

#include "engine/event.hpp"
#include "jobs/job_queue.hpp"

#include <chrono>
#include <condition_variable>
#include <mutex>
#include <string>
#include <thread>

namespace img::worker {

struct ReporterOptions {
    std::string worker{};
    std::chrono::milliseconds beat{10'000};
    std::chrono::milliseconds log_pause{100};       ///< At most one piece of the log in it.
    std::chrono::milliseconds progress_pause{200};  ///< Likewise of progress, within a stage.
    std::size_t log_max = 256 << 20;                ///< Of one build; the rest is left out.
};

/// A thread of its own sends what is due, so a build that says nothing still beats, and a queue
/// that is slow or away holds up no build. While the queue takes what it is given, a build that
/// talks faster waits; while it is away the newest mebibyte of the log is kept, and what was
/// dropped shows as a gap in the job's log.
class Reporter {
public:
    using What = decltype(jobs::Report::what);

    Reporter(jobs::JobQueue& queue, jobs::BuildOrder order, ReporterOptions options);
    ~Reporter();  ///< Sends nothing more.

    /// Sends Started, before which nothing else is believed: tried until the queue takes it,
    /// `stop`, or `patience` is over. False: it was not sent, and nothing may begin.
    bool start(std::chrono::milliseconds patience, const std::stop_token& stop);

    void hear(const engine::Event& event);

    /// All of the log, then `what`, its last word: tried until the queue takes it or `stop`, once
    /// at least.
    void finish(const What& what, const std::stop_token& stop);

private:
    using Clock = std::chrono::steady_clock;

    void run(const std::stop_token& stop);
    void add_log(std::string_view line);
    Clock::time_point next_due() const;
    void send_due();
    bool send_log(std::size_t pieces_max);
    bool send_piece();
    bool send_beat();
    bool put(What what);
    void pause(Clock::time_point until, const std::stop_token& stop);

    jobs::JobQueue& queue_;
    const std::string id_;
    const unsigned attempt_;
    const ReporterOptions options_;

    std::mutex sending_;  ///< Held while one report after another goes out: they keep their order.

    std::mutex mutex_;  ///< Of all below; never held while something is sent.
    std::condition_variable_any changed_;
    std::string log_;               ///< Not sent yet.
    std::uint64_t log_offset_ = 0;  ///< Of its first byte.
    bool is_log_cut_ = false;
    jobs::Progress progress_;
    bool is_progress_new_ = false;
    bool is_stage_new_ = false;
    bool is_started_ = false;
    bool is_away_ = false;  ///< The queue did not take the last report.
    bool is_over_ = false;
    std::chrono::milliseconds retry_pause_;
    Clock::time_point last_log_, last_beat_, next_try_;
    std::jthread thread_;
};

}  // namespace img::worker
