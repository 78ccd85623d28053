// Takes jobs from the queue, has them built, publishes what they made, and reports.
//
// This room knows executors, heartbeats and cancels. It must never know SQL or HTTP pages: all
// that it tells the service goes through the queue.
#pragma once

#include "base/result.hpp"
#include "jobs/job_queue.hpp"
#include "worker/artifact_store.hpp"
#include "worker/executor.hpp"

#include <chrono>
#include <deque>
#include <filesystem>
#include <functional>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

namespace img::worker {

struct WorkerOptions {
    /// Another one each time the program starts: the service tells a worker that was killed from
    /// its successor by it.
    std::string name;
    unsigned slots = 1;          ///< Builds at a time.
    std::filesystem::path work;  ///< A folder for each build, on www-root's file system.
    std::chrono::milliseconds beat{10'000};       ///< A third of the service's lease.
    std::function<void(const Error&)> trouble{};  ///< Told of what goes wrong in the background.
};

/// "local-<16 random digits>": for WorkerOptions::name, by prefix.
std::string new_worker_name(const std::string& prefix);

/// A thread per slot. Its end stops the builds without a report: whoever stops a worker wants its
/// jobs to be built elsewhere, and the end of their leases says so.
class Worker {
public:
    Worker(jobs::JobQueue& queue,
           Executor& executor,
           ArtifactStore& artifacts,
           WorkerOptions options);
    ~Worker();

private:
    struct Running {
        std::string id;
        unsigned attempt;
        std::stop_source stop;
    };

    void work(const std::stop_token& stop);
    void build(const jobs::BuildOrder& order, const std::stop_token& stop);
    void cancel(const jobs::CancelOrder& order);
    bool is_cancelled(const jobs::BuildOrder& order) const;
    void note(const Error& error) const;

    jobs::JobQueue& queue_;
    Executor& executor_;
    ArtifactStore& artifacts_;
    const WorkerOptions options_;

    mutable std::mutex mutex_;
    std::vector<Running> running_;
    /// Cancels may overtake the orders that they are about.
    std::deque<jobs::CancelOrder> cancelled_;

    jobs::JobQueue::Token cancels_;
    std::vector<std::jthread> slots_;  ///< Last: they use all of the above.
};

}  // namespace img::worker
