#include "jobs/outlook.hpp"

#include <algorithm>
#include <fmt/format.h>
#include <queue>
#include <tuple>

namespace img::jobs {
namespace {

Time later(Time time, std::chrono::milliseconds by) {
    return time == kOpenEnd ? kOpenEnd : time + by;
}

/// When slots become free, the next one on top.
using FreeTimes = std::priority_queue<Time, std::vector<Time>, std::greater<>>;

/// One run through the slots: every build takes as long as `Pick` has it.
class Timetable {
public:
    using Pick = std::chrono::milliseconds Estimate::*;

    Timetable(const std::vector<SlotGroup>& groups, Time Interval::* side, Pick pick)
        : groups_(groups), pick_(pick) {
        for (const auto& group : groups) {
            FreeTimes open;
            FreeTimes kept;
            for (std::size_t i = 0; i < group.free.size(); ++i) {
                (i < group.kept ? kept : open).push(group.free[i].*side);
            }
            open_.push_back(std::move(open));
            kept_.push_back(std::move(kept));
        }
    }

    /// When the job begins, as the next one; nothing where there is no slot for it.
    std::optional<Time> begin(const ExpectedLane& lane, const Estimate& estimate) {
        FreeTimes* best = nullptr;
        for (std::size_t i = 0; i < groups_.size(); ++i) {
            if (groups_[i].can_build[lane.kind]) {
                consider(best, open_[i]);
                if (lane.is_short) {
                    consider(best, kept_[i]);
                }
            }
        }
        if (best == nullptr) {
            return std::nullopt;
        }
        const auto begins = best->top();
        best->pop();
        best->push(later(begins, estimate.*pick_));
        return begins;
    }

private:
    static void consider(FreeTimes*& best, FreeTimes& other) {
        if (!other.empty() && (best == nullptr || other.top() < best->top())) {
            best = &other;
        }
    }

    const std::vector<SlotGroup>& groups_;
    const Pick pick_;
    std::vector<FreeTimes> open_;
    std::vector<FreeTimes> kept_;
};

/// The numbers of the jobs by their turn; those that no worker can build come last.
std::vector<std::size_t> in_order(const std::vector<ExpectedJob>& jobs,
                                  const std::vector<ExpectedLane>& lanes) {
    std::vector<std::tuple<bool, double, std::size_t>> turns;
    turns.reserve(jobs.size());
    for (std::size_t i = 0; i < jobs.size(); ++i) {
        turns.emplace_back(lanes[jobs[i].lane].is_stuck, jobs[i].turn, i);
    }
    std::ranges::sort(turns);
    std::vector<std::size_t> order;
    order.reserve(turns.size());
    for (const auto& [is_stuck, turn, number] : turns) {
        order.push_back(number);
    }
    return order;
}

std::string counted(std::uint64_t count, std::string_view one, std::string_view many) {
    return fmt::format("{} {}", count, count == 1 ? one : many);
}

}  // namespace

Outlooks::Outlooks(Forecast forecast)
    : lanes_(std::move(forecast.lanes)), users_(std::move(forecast.users)) {
    Timetable quick(forecast.slots, &Interval::from, &Estimate::low);
    Timetable slow(forecast.slots, &Interval::to, &Estimate::high);
    std::vector<std::uint64_t> seen_of_user(users_.size(), 0);
    places_.reserve(forecast.jobs.size());
    by_id_.reserve(forecast.jobs.size());
    for (const auto number : in_order(forecast.jobs, lanes_)) {
        auto& job = forecast.jobs[number];
        Place place{.id = std::move(job.id), .user = job.user, .lane = job.lane};
        place.of_others = places_.size() - seen_of_user[job.user]++;
        const auto& lane = lanes_[job.lane];
        if (job.estimate && !lane.is_stuck) {
            const auto& estimate = *job.estimate;
            const auto from = quick.begin(lane, estimate);
            const auto to = slow.begin(lane, estimate);
            if (from && to) {
                place.begins = {.from = *from, .to = std::max(*from, *to)};
                place.ends = {.from = *from + estimate.low,
                              .to = later(place.begins->to, estimate.high)};
            }
        }
        places_.push_back(std::move(place));
        by_id_.emplace(places_.back().id, places_.size() - 1);  // reserved: it stays where it is
    }
}

std::optional<Outlook> Outlooks::find(const std::string& id) const {
    const auto found = by_id_.find(id);
    if (found == by_id_.end()) {
        return std::nullopt;
    }
    const auto& place = places_[found->second];
    return Outlook{.position = found->second,
                   .begins = place.begins,
                   .ends = place.ends,
                   .why = sentence(place)};
}

std::string Outlooks::sentence(const Place& place) const {
    const auto& lane = lanes_[place.lane];
    if (lane.is_stuck) {
        return lane.why;
    }
    const std::uint64_t ahead = by_id_.at(place.id);
    const std::uint64_t own = ahead - place.of_others;
    auto text = lane.why;
    if (place.of_others > 0) {
        text += fmt::format("; {} of others {} ahead", counted(place.of_others, "job", "jobs"),
                            place.of_others == 1 ? "is" : "are");
        const auto lately = users_[place.user].builds_lately;
        if (lately > 0) {
            text += fmt::format(", because you have had {} in the last hour",
                                counted(lately, "build", "builds"));
        }
    }
    if (own > 0) {
        text += fmt::format("; {} of your own {} ahead", counted(own, "job", "jobs"),
                            own == 1 ? "is" : "are");
    }
    if (place.begins && place.begins->is_open()) {
        text += "; when builds that are under way will end is not known";
    }
    return text;
}

}  // namespace img::jobs
