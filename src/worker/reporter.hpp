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

/// Sends Started when made. A thread of its own sends what is due, so a build that says nothing
/// still beats. While the queue is out of reach the newest mebibyte of the log is kept; what was
/// dropped shows as a gap in the job's log.
class Reporter {
public:
    Reporter(jobs::JobQueue& queue, jobs::BuildOrder order, ReporterOptions options);
    ~Reporter();  ///< Sends nothing more.

    void hear(const engine::Event& event);

    /// All of the log, then `what`, its last word: tried until the queue takes it or `stop`.
    void finish(const decltype(jobs::Report::what)& what, const std::stop_token& stop);

private:
    using Clock = std::chrono::steady_clock;

    void run(const std::stop_token& stop);
    void add_log(std::string_view line);
    bool start();
    bool send(decltype(jobs::Report::what) what);
    bool put(decltype(jobs::Report::what) what);
    bool send_log();
    Clock::time_point next_due() const;
    void send_due();

    jobs::JobQueue& queue_;
    const std::string id_;
    const unsigned attempt_;
    const ReporterOptions options_;

    std::mutex mutex_;  ///< Also over sending: the order of sending is that of hearing.
    std::condition_variable_any changed_;
    std::string log_;               ///< Not sent yet.
    std::uint64_t log_offset_ = 0;  ///< Of its first byte.
    bool is_log_cut_ = false;
    jobs::Progress progress_;
    bool is_progress_new_ = false;
    bool is_stage_new_ = false;
    bool is_started_ = false;
    bool is_over_ = false;
    Clock::time_point last_log_, last_beat_;
    std::jthread thread_;
};

}  // namespace img::worker
