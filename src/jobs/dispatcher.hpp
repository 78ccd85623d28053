// The service's rules put together: takes requests in, and where it leads, has them built.
#pragma once

#include "base/result.hpp"
#include "jobs/assignments.hpp"
#include "jobs/front_door.hpp"
#include "jobs/job_feed.hpp"
#include "jobs/job_folders.hpp"
#include "jobs/job_queue.hpp"
#include "jobs/job_store.hpp"
#include "jobs/leadership.hpp"
#include "jobs/report_desk.hpp"
#include "jobs/retention.hpp"
#include "jobs/schedule.hpp"
#include "jobs/submissions.hpp"

#include <atomic>
#include <condition_variable>
#include <filesystem>
#include <functional>
#include <map>
#include <mutex>
#include <optional>
#include <thread>
#include <vector>

namespace img::jobs {

struct DispatcherOptions {
    std::filesystem::path www_root{};      ///< A job's folder is www_root/<id>.
    std::chrono::seconds lease{30};        ///< Beats come every 10 s: two may be lost.
    unsigned attempts_max = 3;             ///< A job that lost three workers is an error.
    std::chrono::milliseconds sweep{500};  ///< How often leases and the outbox are looked at.
    std::function<Time()> clock{};         ///< Empty: the system's.

    /// Who it is among the services on one store; another one than any other's at the same time.
    /// The same after a restart is best: then it leads again at once. Empty: a new random name.
    std::string holder{};
    /// Where statuses go; null: nobody outside wants them.
    FrontDoor* door = nullptr;

    ScheduleOptions schedule{};
    /// So long a finished job stands in for a new one of the same request.
    std::chrono::milliseconds reuse = std::chrono::hours(1);
    RetentionOptions retention{};
    std::chrono::milliseconds retention_pause = std::chrono::minutes(1);  ///< Between two sweeps.
    /// Bytes that must be free on www_root's disk for a new job to be taken; 0: none need be.
    std::uint64_t disk_floor = 0;

    /// Workers that live and die with this service have names that begin so. A lease of one that
    /// is not `live_worker` is over at once when the service starts, without waiting for its end.
    std::string local_worker_prefix{};
    std::string live_worker{};

    /// Told of what goes wrong in the background; it is tried again. Empty: nobody is.
    std::function<void(const Error&)> trouble{};
};

/// Owns a thread that sweeps, and one for cleaning that may take long. Restart is the normal way:
/// everything it needs is in the store. Several may serve one store; one of them leads.
class Dispatcher {
public:
    Dispatcher(JobStore& store, JobQueue& queue, JobFeed& feed, DispatcherOptions options);
    ~Dispatcher();

    Result<Submitted> submit(JobRequest request);  ///< As Submissions::submit.
    Result<Job> cancel(const std::string& id);     ///< As Submissions::cancel.

    std::filesystem::path log_file(const Job& job) const { return folders_.log_file(job); }
    std::filesystem::path folder(const std::string& id) const { return folders_.folder(id); }

    /// Of a waiting job; nothing where it does not wait, or is not known here yet. A service that
    /// does not lead knows the queue as it was a few seconds ago.
    std::optional<Outlook> outlook(const std::string& id);
    /// A batch at once: of all jobs at one moment, at most a second ago.
    std::shared_ptr<const Outlooks> outlooks();
    /// What is known here of workers, of jobs that wait and of those that are built. Cheap.
    std::vector<PoolWorker> workers() const { return assignments_.workers(); }
    std::size_t waiting();
    std::size_t building();
    bool is_leading() const { return is_leading_; }

private:
    void run(const std::stop_token& stop);
    bool holds_lead();
    bool lead();
    void follow();
    Result<void> take_over();
    void step_down();
    Result<void> recover_local();
    Result<bool> ring();
    Result<void> send(const CancelOrder& order);
    Result<void> send(const StatusNotice& notice);
    void sweep_images();
    void clean(const std::stop_token& stop);
    void clean_up(const std::stop_token& stop);
    void hear(const Presence& presence);
    void note_presence(const Presence& presence);

    void ring_bell();
    void note(const Result<void>& result) const;
    Time now() const;

    JobStore& store_;
    JobQueue& queue_;
    JobFeed& feed_;
    const DispatcherOptions options_;
    const JobFolders folders_;
    Submissions submissions_;
    Leadership leadership_;
    Assignments assignments_;
    ReportDesk desk_;
    Retention retention_;

    std::atomic<bool> is_leading_ = false;
    std::atomic<bool> is_asked_ = false;  ///< Somebody wants to see the queue.
    bool is_recovered_ = false;           ///< This and the next ones: of the sweeping thread.
    Time heard_since_{};  ///< Since when reports could be heard without a break, while it leads.
    Time followed_{};     ///< When a service that does not lead looked last.
    Time images_swept_{};
    bool was_full_ = false;

    std::mutex noted_mutex_;
    std::map<std::string, Time> noted_;  ///< When each worker's presence was stored last.

    std::mutex bell_mutex_;
    std::condition_variable_any bell_;
    bool is_rung_ = false;

    std::mutex cleaning_mutex_;
    std::condition_variable_any cleaning_bell_;
    bool is_cleaning_due_ = false;
    Time orphans_swept_{};  ///< Of the cleaning thread.

    JobQueue::Token reports_;  ///< While it leads.
    JobQueue::Token presences_;
    std::jthread sweeper_;
    std::jthread cleaner_;
};

}  // namespace img::jobs
