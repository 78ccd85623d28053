#include "jobs/duration_history.hpp"

#include <algorithm>
#include <vector>

namespace img::jobs {
namespace {

constexpr std::size_t kOfName = 20;   // what a name built weeks ago says little about today
constexpr std::size_t kOfType = 200;  // many kickstarts, so more of them
constexpr std::size_t kOfAll = 1000;
constexpr std::size_t kNamesMax = 10'000;
constexpr std::size_t kEnough = 3;  // fewer have no quantiles worth the name

// Deciles: one build in ten is quicker than the low one, one in ten slower than the high one.
constexpr double kLow = 0.1, kHigh = 0.9;

std::chrono::milliseconds quantile(const std::vector<std::chrono::milliseconds>& sorted,
                                   double part) {
    return sorted[static_cast<std::size_t>(part * static_cast<double>(sorted.size() - 1) + 0.5)];
}

}  // namespace

void DurationHistory::Sample::add(std::chrono::milliseconds took, std::size_t count_max) {
    times.push_back(took);
    if (times.size() > count_max) {
        times.pop_front();
    }
    estimate.reset();
}

const Estimate& DurationHistory::Sample::summary() const {
    if (!estimate) {
        std::vector sorted(times.begin(), times.end());
        std::ranges::sort(sorted);
        estimate = {.low = quantile(sorted, kLow),
                    .likely = quantile(sorted, 0.5),
                    .high = quantile(sorted, kHigh)};
    }
    return *estimate;
}

void DurationHistory::add(const BuildTime& build) {
    if (!by_name_.contains(build.name)) {
        names_.push_back(build.name);
        if (names_.size() > kNamesMax) {
            by_name_.erase(names_.front());
            names_.pop_front();
        }
    }
    by_name_[build.name].add(build.took, kOfName);
    by_type_[build.image_type].add(build.took, kOfType);
    all_.add(build.took, kOfAll);
}

std::optional<Estimate> DurationHistory::estimate(const std::string& name,
                                                  const std::string& image_type) const {
    const auto enough_in = [](const auto& samples, const std::string& key) -> const Sample* {
        const auto found = samples.find(key);
        return found != samples.end() && found->second.times.size() >= kEnough ? &found->second
                                                                               : nullptr;
    };
    if (const auto* sample = enough_in(by_name_, name)) {
        return sample->summary();
    }
    if (const auto* sample = enough_in(by_type_, image_type)) {
        return sample->summary();
    }
    return is_empty() ? std::nullopt : std::optional(all_.summary());
}

}  // namespace img::jobs
