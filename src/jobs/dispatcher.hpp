// The rules of the service: takes requests in, hands orders out, believes or refuses reports.
#pragma once

#include "base/result.hpp"
#include "jobs/job_feed.hpp"
#include "jobs/job_log.hpp"
#include "jobs/job_queue.hpp"
#include "jobs/job_store.hpp"

#include <condition_variable>
#include <deque>
#include <filesystem>
#include <functional>
#include <map>
#include <mutex>
#include <optional>
#include <thread>

namespace img::jobs {

struct DispatcherOptions {
    std::filesystem::path www_root{};      ///< A job's folder is www_root/<id>.
    std::chrono::seconds lease{30};        ///< Beats come every 10 s: two may be lost.
    unsigned attempts_max = 3;             ///< A job that lost three workers is an error.
    std::chrono::milliseconds sweep{500};  ///< How often leases and the outbox are looked at.
    std::function<Time()> clock{};         ///< Empty: the system's.

    /// Workers that live and die with the service have names that begin so. A lease of one that
    /// is not `live_worker` is over at once when the service starts, without waiting for its end.
    std::string local_worker_prefix{};
    std::string live_worker{};

    /// Told of what goes wrong in the background; it is tried again. Empty: nobody is.
    std::function<void(const Error&)> trouble{};
};

/// Owns a thread that sweeps: rings for what is in the outbox, and sends jobs whose worker was
/// lost back to the queue. Restart is the normal way: everything it needs is in the store. Only
/// one at a time may serve a store and its www_root; the caller holds a lock that says so.
class Dispatcher {
public:
    Dispatcher(JobStore& store, JobQueue& queue, JobFeed& feed, DispatcherOptions options);
    ~Dispatcher();

    /// Makes the job's folder with <name>.ks in it, then the row. Fault::invalid: the name is in
    /// use.
    Result<Job> submit(JobRequest request);

    /// Fault::missing: no such job; Fault::invalid: it is finished already.
    Result<Job> cancel(const std::string& id);

    /// www_root/<id>/<name>.log; there from the first line on. Only ever appended to.
    std::filesystem::path log_file(const Job& job) const;
    std::filesystem::path folder(const std::string& id) const;

private:
    /// What is remembered of a building job between its reports; lost in a restart without harm.
    struct Running {
        unsigned attempt = 1;
        std::string worker{};
        Progress progress{};
        Time lease_end{};
        std::string log_name{};
        std::optional<JobLog> log{};  ///< Empty while it cannot be opened.
    };

    void sweep(const std::stop_token& stop);
    Result<void> ring();
    Result<void> recover();
    Result<void> requeue_lost();
    Result<void> lose(const Job& job);

    void receive(const Report& report);
    void hear_deferred();
    Result<void> hear(const Report& report);
    Result<void> start(const Report& report);
    Result<void> renew(Running& running, const Report& report);
    Result<void> finish(Running& running, const Report& report, const Move& move);
    Result<Running*> running_for(const Report& report);
    Running* remember(const Job& job);
    Result<void> write_log(Running& running, const Report& report);
    void refuse(const Report& report);

    Result<void> write_kickstart(const Job& job) const;
    void note(const Result<void>& result) const;
    Time now() const;

    JobStore& store_;
    JobQueue& queue_;
    JobFeed& feed_;
    const DispatcherOptions options_;
    const Time begun_;
    bool is_recovered_ = false;  ///< Of the sweeping thread.

    std::mutex rules_;  ///< Held from looking at a job to moving it.
    std::map<std::string, Running> running_;
    std::deque<Report> deferred_;  ///< Reports that the store could not take yet, in their order.

    std::mutex bell_mutex_;
    std::condition_variable_any bell_;
    bool is_rung_ = false;

    JobQueue::Token reports_;
    std::jthread sweeper_;
};

}  // namespace img::jobs
