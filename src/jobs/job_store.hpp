// Where jobs are kept: the truth about them. Every change is a compare-and-set.
#pragma once

#include "base/result.hpp"
#include "jobs/job.hpp"
#include "jobs/job_queue.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace img::jobs {

/// A page of the queue, newest first.
struct JobFilter {
    std::optional<JobState> state{};
    std::size_t limit = 50;  ///< At most 500.
    std::string before{};    ///< The id of the last job of the page before; empty: the first page.
};

/// What changes when a job moves on; the state, attempt and times follow from the event.
struct Move {
    std::string id{};
    unsigned attempt = 1;  ///< Must be the row's attempt, or nothing happens.
    JobEvent event = JobEvent::start;
    std::string worker{};       ///< For start.
    std::string image{};        ///< For succeed.
    std::string error{};        ///< For fail.
    std::string error_stage{};  ///< For fail.
    Time now{};
    Time lease_end{};  ///< For start.
};

/// An outbox row: a message that is committed with the change that causes it and sent after.
struct Pending {
    std::int64_t row = 0;
    std::variant<BuildOrder, CancelOrder> order;
};

/// Safe to call from several threads. Fault::transient: the database is locked or away;
/// Fault::exhausted: its disk is full; in either case nothing was changed.
class JobStore {
public:
    virtual ~JobStore() = default;

    /// The row and its BuildOrder in the outbox, in one transaction. Fault::invalid: an
    /// unfinished job has this name already; the sentence gives its id.
    virtual Result<void> add(const Job& job) = 0;

    virtual Result<std::optional<Job>> find(const std::string& id) = 0;
    virtual Result<std::vector<Job>> list(const JobFilter& filter) = 0;
    virtual Result<std::uint64_t> count(JobState state) = 0;
    /// How many queued jobs were made before this one; 0 for the next in line.
    virtual Result<std::uint64_t> queue_position(const std::string& id) = 0;

    /// The job after next(state, event), or nothing if the row has another attempt or the event
    /// makes no sense in its state. lose_worker counts the attempt up and puts a new BuildOrder
    /// into the outbox; cancel puts a CancelOrder there.
    virtual Result<std::optional<Job>> move(const Move& move) = 0;

    /// Progress and a longer lease, if the row is building this attempt; whether it was.
    virtual Result<bool> beat(const std::string& id,
                              unsigned attempt,
                              const Progress& progress,
                              Time lease_end) = 0;

    /// Building jobs whose lease ended before `now`.
    virtual Result<std::vector<Job>> expired(Time now) = 0;

    /// The oldest rows first. A row is not lost before sent(); a crash between sending and sent()
    /// sends it twice, and the compare-and-set of start makes one of them void.
    virtual Result<std::vector<Pending>> outbox(std::size_t limit) = 0;
    virtual Result<void> sent(std::int64_t row) = 0;

    /// A BuildOrder into the outbox for each queued job that has none there, oldest first: after
    /// a restart of a queue that forgets. How many.
    virtual Result<std::uint64_t> ring_again() = 0;
};

}  // namespace img::jobs
