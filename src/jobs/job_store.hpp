// Where jobs are kept: the truth about them. Every change is a compare-and-set.
#pragma once

#include "base/result.hpp"
#include "jobs/front_door.hpp"
#include "jobs/job.hpp"
#include "jobs/job_queue.hpp"
#include "jobs/status_notice.hpp"

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
    std::string place{};        ///< For succeed, as Job::place.
    std::uint64_t size = 0;     ///< For succeed: of all artefacts, in bytes.
    std::string error{};        ///< For fail.
    std::string error_stage{};  ///< For fail.
    Time now{};
    Time lease_end{};  ///< For start.
};

/// An outbox row: a message that is committed with the change that causes it and sent after.
struct Pending {
    std::int64_t row = 0;
    std::variant<CancelOrder, StatusNotice> message;
};

/// What became of a submission.
struct Added {
    std::string id{};        ///< Of the job that was made, or of one that was there.
    bool is_joined = false;  ///< One of the same reference or the same digest was there.
};

/// What the fair queue knows of a job that waits.
struct QueuedJob {
    std::int64_t row = 0;  ///< The order in which jobs came.
    std::string id{};
    unsigned attempt = 1;
    std::string user{};
    std::string name{};
    std::string image_type{};
    std::string architecture{};
    int priority = 0;
    Time created{};
};

/// How long a build took: what estimates are made of.
struct BuildTime {
    std::string name{};
    std::string image_type{};
    std::chrono::milliseconds took{};
};

/// The artefacts of a finished job, as retention sees them.
struct KeptImage {
    std::string id{};
    std::string user{};
    std::string place{};
    std::uint64_t size = 0;
    Time finished{};
    bool is_pinned = false;
};

/// Safe to call from several threads, and by several programs at once. Fault::transient: the
/// database is locked or away; Fault::exhausted: its disk is full; in either case nothing was
/// changed.
class JobStore {
public:
    virtual ~JobStore() = default;

    /// The row and a StatusNotice in the outbox, in one transaction. Where the same request of the
    /// same user came with this reference before, its job is joined. Where it is not fresh and a
    /// job of the same digest is unfinished, or done since `joins_since` with its artefacts still
    /// there, that one is: it gets the reference as another of its own. Nothing else is made then.
    /// A job that was cancelled lets go of its references.
    ///
    /// Fault::invalid: an unfinished job of the same user has this name already, or ("reference …")
    /// another request or user has the reference; the sentence gives the id of that job.
    virtual Result<Added> add(const Job& job, Time joins_since) = 0;

    virtual Result<std::optional<Job>> find(const std::string& id) = 0;
    /// The job that a client calls so.
    virtual Result<std::optional<Job>> find_reference(const std::string& reference) = 0;
    virtual Result<std::vector<Job>> list(const JobFilter& filter) = 0;
    virtual Result<std::uint64_t> count(JobState state) = 0;

    /// The job after next(state, event), or nothing if the row has another attempt or the event
    /// makes no sense in its state. Every move puts a StatusNotice into the outbox; lose_worker
    /// and give_again count the attempt up, and lose_worker the losses; cancel puts a CancelOrder
    /// there too, and into progress.text how many requests shared the job where others joined it.
    virtual Result<std::optional<Job>> move(const Move& move) = 0;

    /// Progress and a longer lease, if the row is building this attempt; whether it was.
    virtual Result<bool> beat(const std::string& id,
                              unsigned attempt,
                              const Progress& progress,
                              Time lease_end) = 0;

    /// Building jobs whose lease ended before `now`.
    virtual Result<std::vector<Job>> expired(Time now) = 0;

    /// Jobs that wait, with row numbers beyond `after`, in their order; at most `limit`.
    virtual Result<std::vector<QueuedJob>> queued(std::int64_t after, std::size_t limit) = 0;
    /// Of the builds that were done last, newest first; at most `limit`.
    virtual Result<std::vector<BuildTime>> history(std::size_t limit) = 0;

    /// The oldest rows first. A row is not lost before sent(); a crash between sending and sent()
    /// sends it twice, which does no harm.
    virtual Result<std::vector<Pending>> outbox(std::size_t limit) = 0;
    /// All rows up to and with this one.
    virtual Result<void> sent(std::int64_t row) = 0;

    /// Takes or renews the lease of that name until `until`, by the database's own order of
    /// events; false while another holder's has not ended by `now`.
    virtual Result<bool> hold(const std::string& lease,
                              const std::string& holder,
                              Time now,
                              Time until) = 0;
    virtual Result<void> let_go(const std::string& lease, const std::string& holder) = 0;

    /// Workers as they last said of themselves, so that every service on this database can show
    /// them. One that is gone is forgotten at `now` once it has been silent for a minute.
    virtual Result<void> note(const Presence& presence, Time now) = 0;
    virtual Result<std::vector<Presence>> workers(Time now) = 0;

    /// Jobs whose artefacts are there, oldest first; at most `limit`, beyond `after` (an id).
    virtual Result<std::vector<KeptImage>> kept(const std::string& after, std::size_t limit) = 0;
    /// The artefacts are about to be removed; false if the job is pinned or has none. From here on
    /// nobody joins it.
    virtual Result<bool> remove_image(const std::string& id, Time now) = 0;
    /// False: no such job, or its artefacts are gone.
    virtual Result<bool> pin(const std::string& id, bool is_pinned) = 0;

    virtual Result<void> note(const RefusedMessage& refused) = 0;
    /// The newest first, at most `limit`. The store keeps the newest 1000.
    virtual Result<std::vector<RefusedMessage>> refused(std::size_t limit) = 0;
};

}  // namespace img::jobs
