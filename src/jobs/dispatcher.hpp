// The rules of the service: takes requests in, hands orders out, believes or refuses reports.
#pragma once

#include "base/result.hpp"
#include "jobs/job_feed.hpp"
#include "jobs/job_queue.hpp"
#include "jobs/job_store.hpp"

#include <filesystem>
#include <functional>
#include <mutex>
#include <thread>

namespace img::jobs {

struct DispatcherOptions {
    std::filesystem::path www_root;        ///< A job's folder is www_root/<id>.
    std::chrono::seconds lease{30};        ///< Beats come every 10 s: two may be lost.
    unsigned attempts_max = 3;             ///< A job that lost three workers is an error.
    std::chrono::milliseconds sweep{500};  ///< How often leases and the outbox are looked at.
    std::function<Time()> clock;           ///< Empty: the system's.
};

/// Owns a thread that sweeps: rings for what is in the outbox, and sends jobs whose worker was
/// lost back to the queue. Restart is the normal way: everything it needs is in the store.
class Dispatcher {
public:
    Dispatcher(JobStore& store, JobQueue& queue, JobFeed& feed, DispatcherOptions options);
    ~Dispatcher();

    /// Makes the job's folder with <name>.ks in it, then the row. Fault::invalid: the name is in
    /// use.
    Result<Job> submit(JobRequest request);

    /// Fault::missing: no such job; Fault::invalid: it is finished already.
    Result<Job> cancel(const std::string& id);

    /// www_root/<id>/<name>.log; there from the first line on.
    std::filesystem::path log_file(const Job& job) const;
    std::filesystem::path folder(const std::string& id) const;

private:
    void sweep(std::stop_token stop);
    void ring();
    void requeue_lost();
    void receive(const Report& report);
    Time now() const;

    JobStore& store_;
    JobQueue& queue_;
    JobFeed& feed_;
    DispatcherOptions options_;
    JobQueue::Token reports_;
    std::jthread sweeper_;
};

}  // namespace img::jobs
