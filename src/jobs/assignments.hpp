// The fair queue as the service keeps it: filled from the store, emptied into workers' queues.
#pragma once

#include "jobs/job_folders.hpp"
#include "jobs/job_queue.hpp"
#include "jobs/job_store.hpp"
#include "jobs/schedule.hpp"

#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <mutex>

namespace img::jobs {

/// Safe to call from several threads. Who leads gives out; the others load a picture of the queue
/// now and then, to show it.
class Assignments {
public:
    Assignments(JobStore& store,
                JobQueue& queue,
                const JobFolders& folders,
                ScheduleOptions options)
        : store_(store),
          queue_(queue),
          folders_(folders),
          options_(std::move(options)),
          schedule_(options_) {}

    /// Everything anew from the store: jobs that wait (at most `limit`) or are being built, how
    /// long builds took, and who had how many lately.
    Result<void> load(Time now, std::size_t limit);
    /// Jobs that have come since, by whichever service.
    Result<void> load_new(Time now);
    /// Each job whose turn it is goes to its worker. A queue that is away is an error, and the job
    /// keeps its place.
    Result<void> give_out(Time now);
    void settle(Time now);

    void hear(const Presence& presence, Time now);
    void started(const Job& job, Time now);
    /// It is finished, cancelled, or lost.
    void ended(const std::string& id, Time now);
    void again(const Job& job);
    void learn(const Job& done);

    /// Of the last second at most, or newer where that knows the id.
    std::shared_ptr<const Outlooks> outlooks(Time now, const std::string& id);
    std::vector<PoolWorker> workers() const;
    std::size_t waiting() const;
    std::size_t running() const;

private:
    Result<void> load_history(Schedule& schedule, Time now) const;
    Result<void> load_building(Schedule& schedule, Time now) const;
    Result<void> load_waiting(Schedule& schedule, Time now, std::size_t limit);
    Result<bool> give(const Assignment& assignment, Time now);
    Result<std::optional<Job>> found(const Assignment& assignment, Time now);
    std::shared_ptr<const Outlooks> latest(Time now, const std::string& id) const;

    JobStore& store_;
    JobQueue& queue_;
    const JobFolders& folders_;
    const ScheduleOptions options_;

    mutable std::mutex mutex_;
    Schedule schedule_;
    Time heard_since_{};  ///< Since when workers can be heard without a break.
    std::map<std::string, std::pair<Presence, Time>> presences_;  ///< And when they came.
    std::int64_t last_row_ = 0;                                   ///< The highest that was seen.
    std::deque<std::pair<Time, std::int64_t>> marks_;  ///< What it was when; see load_new().

    std::mutex forecasting_;  ///< One forecast at a time is made.
    mutable std::mutex outlooks_mutex_;
    std::shared_ptr<const Outlooks> outlooks_ = std::make_shared<const Outlooks>();
    Time outlooks_made_{};
};

}  // namespace img::jobs
