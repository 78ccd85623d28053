#include "jobs/leadership.hpp"

namespace img::jobs {
namespace {

constexpr auto kLeaseName = "dispatcher";

}  // namespace

Result<bool> Leadership::hold(Time now) {
    // A clock that was set back must not keep us from asking.
    if (tried_ != Time{} && now >= tried_ && now - tried_ < kRenewal) {
        return is_ours(now);
    }
    tried_ = now;
    const auto held = store_.hold(kLeaseName, holder_, now, now + kLease);
    if (!held) {
        return std::unexpected(held.error());
    }
    until_ = *held ? now + kLease : Time{};
    return *held;
}

void Leadership::let_go() {
    if (until_ != Time{}) {
        until_ = {};
        (void)store_.let_go(kLeaseName, holder_);  // where that fails, it ends by itself
    }
}

}  // namespace img::jobs
