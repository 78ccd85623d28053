// Who has had how much of the slots lately: the measure by which users take turns.
#pragma once

#include "jobs/job.hpp"

#include <deque>
#include <map>
#include <string>
#include <unordered_map>

namespace img::jobs {

/// Use is forgotten by half in this time. Builds take minutes: what somebody built this morning
/// should hardly count against him, what he built in the last half hour should.
inline constexpr std::chrono::milliseconds kUseHalfLife = std::chrono::hours(1);

/// The slot time that each user was charged, divided by his weight and forgotten exponentially.
/// As everybody forgets alike, the order of two users changes by charges only, never by waiting;
/// so turns can be kept sorted.
class FairShare {
public:
    /// Weights by user, for those that have not 1; none is zero or less.
    explicit FairShare(std::map<std::string, double> weights) : weights_(std::move(weights)) {}

    /// Where the user stands: the smallest goes first. Comparable among users until the next
    /// rebase().
    double standing(const std::string& user) const;

    /// Adds slot time (or gives it back, where it is negative) as of now.
    void charge(const std::string& user, std::chrono::milliseconds time, Time now);

    /// What `time` would add to the user's standing.
    double weighted(const std::string& user, std::chrono::milliseconds time, Time now) const;

    /// For the sentence "you have had 3 builds in the last hour".
    void count_build(const std::string& user, Time now);
    std::size_t builds_lately(const std::string& user, Time now) const;

    /// Whether numbers have grown so large that rebase() is due: after weeks.
    bool is_rebase_due(Time now) const;
    /// Makes all standings small again, in the same order, and forgets who has hardly any.
    void rebase(Time now);

private:
    struct Use {
        double scaled = 0;  ///< Milliseconds, times 2^(half-lives from origin_ to the charge).
        std::deque<Time> builds{};  ///< Of the last hour.
    };

    double weight(const std::string& user) const;
    double scale(Time now) const;

    std::map<std::string, double> weights_;
    std::unordered_map<std::string, Use> uses_;
    Time origin_{};
};

}  // namespace img::jobs
