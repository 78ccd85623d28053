// Believes or refuses what workers report, and gives up those that report no more.
#pragma once

#include "jobs/assignments.hpp"
#include "jobs/job_feed.hpp"
#include "jobs/job_folders.hpp"
#include "jobs/job_log.hpp"
#include "jobs/job_queue.hpp"
#include "jobs/job_store.hpp"

#include <deque>
#include <functional>
#include <map>
#include <mutex>
#include <optional>
#include <set>
#include <string>
#include <vector>

namespace img::jobs {

struct ReportDeskOptions {
    std::chrono::seconds lease{30};  ///< Beats come every 10 s: two may be lost.
    unsigned attempts_max = 3;       ///< A job that lost three workers is an error.
    std::function<Time()> clock{};
    std::function<void(const Error&)> trouble{};
};

/// Each report is held against the attempt and the worker that hold the job's lease. Safe to call
/// from several threads.
class ReportDesk {
public:
    ReportDesk(JobStore& store,
               JobQueue& queue,
               JobFeed& feed,
               const JobFolders& folders,
               Assignments& assignments,
               ReportDeskOptions options);

    /// The receipt is given once the report is stored, or is of no use. One that decides what
    /// becomes of a job waits here for it; pieces of a log and beats may be lost.
    void receive(const Report& report, const JobQueue::Receipt& receipt);
    /// What the store or the www-root could not take when it came.
    void hear_deferred();

    /// Building jobs whose lease has ended go back to the queue, but for those of which there is
    /// a report that could not be stored yet. One that cannot be taken from its worker now is
    /// told of, once, and tried again next time.
    Result<void> lose_expired();
    /// The worker of this building job is gone. False: as lose_expired(), try again.
    bool lose(const Job& job);
    /// The job was cancelled: what is remembered of it goes.
    void forget(const std::string& id);

private:
    /// What is remembered of a building job between its reports; lost in a restart without harm.
    struct Running {
        unsigned attempt = 1;
        std::string worker{};
        Progress progress{};
        Time lease_end{};
        std::filesystem::path log_file{};
        std::optional<JobLog> log{};  ///< Empty while it cannot be opened.
    };

    /// A report that could not be stored yet, and those of its job that came after it.
    struct Deferred {
        Report report{};
        std::vector<JobQueue::Receipt> receipts{};  ///< It may have come several times.
    };

    void defer(Report report, const JobQueue::Receipt& receipt);
    bool hear_next_of(std::deque<Deferred>& deferred);
    Result<void> hear(const Report& report);
    Result<void> start(const Report& report);
    Result<void> settle_fence(const Job& begun);
    Result<void> finish_done(Running& running, const Report& report);
    Result<void> finish(Running& running, const Report& report, const Move& move);
    Result<void> renew(Running& running, const Report& report);
    Result<void> write_log(Running& running, const Report& report);
    bool lose_unless_deferred(const Job& job);
    Result<void> lose_locked(const Job& job);
    Result<Running*> running_for(const Report& report);
    Running* remember(const Job& job);
    void refuse(const Report& report);
    void note(const Result<void>& result) const;
    Time now() const { return options_.clock(); }

    JobStore& store_;
    JobQueue& queue_;
    JobFeed& feed_;
    const JobFolders& folders_;
    Assignments& assignments_;
    const ReportDeskOptions options_;

    std::mutex mutex_;  ///< Held from looking at a job to moving it.
    std::map<std::string, Running> running_;
    std::map<std::string, std::deque<Deferred>> deferred_;  ///< By job; none is empty.
    std::string tried_{};                                   ///< Of those, the last that was tried.
    std::set<std::string> held_;  ///< Jobs that could not be taken from their workers.
};

}  // namespace img::jobs
