// What a waiting job may expect: its place, when it will begin and end, and why it waits.
#pragma once

#include "jobs/duration_history.hpp"
#include "jobs/job.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace img::jobs {

struct Interval {
    Time from{};
    Time to{};  ///< kOpenEnd: nobody knows.

    bool is_open() const;
};

inline constexpr Time kOpenEnd = Time::max();

inline bool Interval::is_open() const {
    return to == kOpenEnd;
}

struct Outlook {
    std::uint64_t position = 0;  ///< Jobs that will probably begin before it.
    /// Nothing where no build has been done yet to judge by, or where no worker can build it.
    std::optional<Interval> begins{};
    std::optional<Interval> ends{};
    std::string why{};  ///< One sentence, without a full stop.
};

/// Where builds can run, for a forecast: the slots of workers that can build the same kinds.
struct SlotGroup {
    std::vector<bool> can_build{};  ///< By kind.
    std::vector<Interval> free{};   ///< When each slot is free: at the earliest, at the latest.
    std::size_t kept = 0;           ///< So many of them take short jobs only.
};

/// A waiting job, for a forecast.
struct ExpectedJob {
    std::string id{};
    std::size_t user = 0;  ///< In Forecast::users.
    std::size_t lane = 0;  ///< In Forecast::lanes.
    double turn = 0;       ///< The smallest first.
    std::optional<Estimate> estimate{};
};

/// What jobs of one kind have in common as to why they wait.
struct ExpectedLane {
    std::size_t kind = 0;
    bool is_short = true;
    bool is_stuck = false;  ///< No worker can build it, as things are.
    std::string why{};      ///< "3 of 3 workers are busy"
};

struct ExpectedUser {
    std::size_t builds_lately = 0;  ///< Begun in the last hour.
};

struct Forecast {
    Time now{};
    std::vector<ExpectedJob> jobs{};
    std::vector<ExpectedLane> lanes{};
    std::vector<ExpectedUser> users{};
    std::vector<SlotGroup> slots{};
};

/// The outlooks of all jobs at one time. A value of its own: the queue may move on.
class Outlooks {
public:
    Outlooks() = default;
    /// Sorts the jobs by turn and lets them run through the slots, once as quickly and once as
    /// slowly as builds of their sort go.
    explicit Outlooks(Forecast forecast);

    /// Nothing: no such job waits.
    std::optional<Outlook> find(const std::string& id) const;
    std::size_t size() const { return places_.size(); }

private:
    struct Place {
        std::string id{};
        std::size_t user = 0;
        std::size_t lane = 0;
        std::uint64_t of_others = 0;  ///< Of those before it.
        std::optional<Interval> begins{};
        std::optional<Interval> ends{};
    };

    std::string sentence(const Place& place) const;

    std::vector<Place> places_;  ///< In their order.
    std::unordered_map<std::string_view, std::size_t> by_id_;
    std::vector<ExpectedLane> lanes_;
    std::vector<ExpectedUser> users_;
};

}  // namespace img::jobs
