#include "jobs/fair_share.hpp"

#include <algorithm>
#include <cmath>

namespace img::jobs {
namespace {

constexpr auto kLately = std::chrono::hours(1);

// 2^256 times a year in milliseconds is far below the largest double, 2^1024.
constexpr double kHalfLivesMax = 256;

// Less than this of a user's use is as good as none.
constexpr double kForgottenMilliseconds = 1;

double half_lives(std::chrono::milliseconds span) {
    return static_cast<double>(span.count()) / static_cast<double>(kUseHalfLife.count());
}

}  // namespace

double FairShare::weight(const std::string& user) const {
    const auto found = weights_.find(user);
    return found == weights_.end() ? 1.0 : found->second;
}

double FairShare::scale(Time now) const {
    return std::exp2(half_lives(now - origin_));
}

double FairShare::standing(const std::string& user) const {
    const auto use = uses_.find(user);
    return use == uses_.end() ? 0.0 : use->second.scaled / weight(user);
}

double FairShare::weighted(const std::string& user,
                           std::chrono::milliseconds time,
                           Time now) const {
    return static_cast<double>(time.count()) * scale(now) / weight(user);
}

void FairShare::charge(const std::string& user, std::chrono::milliseconds time, Time now) {
    if (origin_ == Time{}) {
        origin_ = now;
    }
    auto& use = uses_[user];
    use.scaled = std::max(0.0, use.scaled + static_cast<double>(time.count()) * scale(now));
}

void FairShare::count_build(const std::string& user, Time now) {
    auto& builds = uses_[user].builds;
    builds.push_back(now);
    while (now - builds.front() > kLately) {
        builds.pop_front();
    }
}

std::size_t FairShare::builds_lately(const std::string& user, Time now) const {
    const auto use = uses_.find(user);
    if (use == uses_.end()) {
        return 0;
    }
    return static_cast<std::size_t>(std::ranges::count_if(
        use->second.builds, [now](Time begun) { return now - begun <= kLately; }));
}

bool FairShare::is_rebase_due(Time now) const {
    return origin_ != Time{} && half_lives(now - origin_) > kHalfLivesMax;
}

void FairShare::rebase(Time now) {
    const double factor = scale(now);
    std::erase_if(uses_, [factor](const auto& use) {
        return use.second.scaled / factor < kForgottenMilliseconds;
    });
    for (auto& [user, use] : uses_) {
        use.scaled /= factor;
    }
    origin_ = now;
}

}  // namespace img::jobs
