// The fair queue: whose job is next, on which worker, and what the others may expect.
#pragma once

#include "jobs/duration_history.hpp"
#include "jobs/fair_share.hpp"
#include "jobs/job_store.hpp"
#include "jobs/outlook.hpp"
#include "jobs/worker_pool.hpp"

#include <map>
#include <optional>
#include <set>
#include <string>
#include <tuple>
#include <unordered_map>
#include <vector>

namespace img::jobs {

struct ScheduleOptions {
    /// By user, those that are not 1: one of weight 2 gets twice the slot time of one of weight 1.
    std::map<std::string, double> weights{};
    /// One slot is kept for jobs that probably take no longer, where there are two slots or more;
    /// 0: none is kept.
    std::chrono::milliseconds short_job = std::chrono::minutes(2);
};

/// An order that was sent and that nobody has begun in this time is given again.
inline constexpr std::chrono::milliseconds kAssignmentPatience = std::chrono::seconds(30);

/// One step of priority counts as much as so long a wait: a user's more urgent jobs go before his
/// others, but none of them waits for ever.
inline constexpr std::chrono::milliseconds kPriorityStep = std::chrono::hours(1);

/// A user none of whose jobs has begun for so long is overdue; see kOverdueTurn.
inline constexpr std::chrono::milliseconds kOverdue = std::chrono::minutes(15);

/// Every so many jobs, the user that has waited longest goes first if he is overdue, whatever his
/// weight and his use. So nobody waits for ever, and weights hold for the rest.
inline constexpr unsigned kOverdueTurn = 4;

struct Assignment {
    QueuedJob job{};
    bool was_sent = false;  ///< With this attempt, to a worker that did not begin it.
    std::string worker{};
};

/// Kept in memory by the service that leads; a restart reads it from the store again. Knows no
/// clock: every call that needs the time is given it.
class Schedule {
public:
    explicit Schedule(ScheduleOptions options);

    /// The past: how long builds took, oldest first, and whose they were.
    void learn(const BuildTime& build);
    void charge(const std::string& user, std::chrono::milliseconds took, Time begun, Time now);

    /// A job waits. Twice is once; a higher attempt takes the place of the lower one.
    void add(const QueuedJob& job);
    /// It does not wait any more, nor does it run.
    void remove(const std::string& id, Time now);
    /// It is being built there, by whatever way that came.
    void started(const QueuedJob& job, const std::string& worker, Time begun, Time now);

    void hear(const Presence& presence, Time now);
    /// Silent workers are forgotten, orders that nobody began wait again, and builds that take
    /// longer than was thought are charged for it. To be called about once a second. What workers
    /// say is heard without a break since `heard_since`; before, silence meant nothing.
    void settle(Time now, Time heard_since = {});

    /// The job whose turn it is and its worker; it is on its way there from now on. Nothing: no
    /// job waits that a free slot could take.
    std::optional<Assignment> next(Time now);
    /// The order goes out as this attempt, of which none was sent yet.
    void give_as(const std::string& id, unsigned attempt);
    /// It could not be sent.
    void give_back(const std::string& id, Time now);

    bool is_waiting(const std::string& id) const { return waiting_.contains(id); }
    std::size_t waiting() const { return waiting_.size(); }
    std::size_t running() const { return busy_.size(); }
    const WorkerPool& pool() const { return pool_; }

    Outlooks outlooks(Time now) const;

private:
    /// Jobs of one kind, short or not: what decides where they may go. A number: twice the kind,
    /// and one more for short ones.
    using Lane = std::size_t;

    /// The order of one user's jobs: when it came, its priority counted in, then its row.
    struct Rank {
        Time due{};
        std::int64_t row = 0;
        auto operator<=>(const Rank&) const = default;
    };
    struct Waiting {
        QueuedJob job{};
        Lane lane = 0;
        std::optional<Estimate> estimate{};
        bool was_sent = false;  ///< As Assignment::was_sent.
    };
    struct Busy {
        QueuedJob job{};
        Lane lane = 0;
        std::optional<Estimate> estimate{};
        std::string worker{};
        Time since{};
        std::chrono::milliseconds charged{};
        bool is_begun = false;
        bool was_sent = false;  ///< Before this time.
    };
    struct User {
        std::string name{};
        /// Into waiting_; no lane is empty.
        std::map<Lane, std::map<Rank, const Waiting*>> lanes{};
        std::uint64_t number = 0;  ///< In the order of coming, which decides between equals.
        double standing = 0;       ///< As the lanes have it.
        Time waits_since{};        ///< As the lanes have it.
    };
    /// Who waits in a lane, by the two orders in which turns are given.
    struct Line {
        std::set<std::tuple<double, std::uint64_t, User*>> by_standing{};
        std::set<std::tuple<Time, std::uint64_t, User*>> by_wait{};
    };

    Lane lane_of(const QueuedJob& job, const std::optional<Estimate>& estimate);
    static std::size_t kind(Lane lane) { return lane / 2; }
    static bool is_short(Lane lane) { return lane % 2 == 1; }
    Waiting described(const QueuedJob& job);
    static Rank rank(const QueuedJob& job);

    void enter(Waiting waiting);
    std::optional<Waiting> leave(const std::string& id);
    void line_up(User& user, Lane lane);
    void step_out(User& user, Lane lane);
    void reorder(const std::string& user, Time waits_since);
    void charge_now(const std::string& user, std::chrono::milliseconds time, Time now);
    void rebase(Time now);
    void overrun(Time now);
    void give_back_unbegun(Time now, Time heard_since);
    void occupy(Busy busy, Time now);
    std::optional<Busy> release(const std::string& id, Time now);

    bool may_begin_long() const;
    std::vector<bool> open_lanes() const;
    User* next_user(const std::vector<bool>& open, Time now);
    User* longest_waiting(const std::vector<bool>& open, Time now) const;
    static const Waiting& first_of(const User& user, const std::vector<bool>& open);

    std::string why(Lane lane) const;
    bool is_stuck(Lane lane) const;
    std::vector<SlotGroup> slot_groups(Time now) const;
    void expect_jobs_of(const User& user, std::size_t number, Forecast& forecast) const;

    ScheduleOptions options_;
    FairShare share_;
    DurationHistory history_;
    WorkerPool pool_;
    std::unordered_map<std::string, Waiting> waiting_;
    std::unordered_map<std::string, Busy> busy_;
    std::unordered_map<std::string, User> users_;  ///< Those with a waiting job.
    std::vector<Line> lines_;                      ///< By lane.
    std::uint64_t last_number_ = 0;                ///< Of a user.
    unsigned turns_ = 0;                           ///< Counts to kOverdueTurn.
};

}  // namespace img::jobs
