// Keeps the service informed of a worker: every so often, and whenever something has changed.
#pragma once

#include "jobs/job_queue.hpp"

#include <chrono>
#include <condition_variable>
#include <functional>
#include <mutex>
#include <thread>

namespace img::worker {

/// A thread of its own sends, so a queue that is slow or away holds up nobody.
class PresenceSender {
public:
    using Look = std::function<jobs::Presence()>;

    /// The first one goes at once. `look` is called from the thread.
    PresenceSender(jobs::JobQueue& queue, Look look, std::chrono::milliseconds pause);
    ~PresenceSender();  ///< Sends a last one, once: with is_gone.

    /// Something has changed.
    void ring();

private:
    void run(const std::stop_token& stop);

    jobs::JobQueue& queue_;
    const Look look_;
    const std::chrono::milliseconds pause_;
    std::mutex mutex_;
    std::condition_variable_any changed_;
    bool is_rung_ = false;
    std::jthread thread_;
};

}  // namespace img::worker
