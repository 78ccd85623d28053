// Which of several services on one store leads: it hears reports, gives out jobs and sweeps.
#pragma once

#include "jobs/job_store.hpp"

#include <string>

namespace img::jobs {

/// A lease in the store, renewed every few seconds. Clocks of services may differ by less than the
/// difference of the two numbers; if they differ by more, two may lead for a moment, which the
/// compare-and-set of every move makes harmless.
class Leadership {
public:
    static constexpr std::chrono::milliseconds kLease = std::chrono::seconds(15);
    static constexpr std::chrono::milliseconds kRenewal = std::chrono::seconds(3);

    Leadership(JobStore& store, std::string holder) : store_(store), holder_(std::move(holder)) {}

    /// Takes or renews the lease where that is due. Whether it is ours; while the store is away it
    /// is until its end.
    Result<bool> hold(Time now);
    bool is_ours(Time now) const { return now < until_; }
    /// So that another need not wait for its end.
    void let_go();

private:
    JobStore& store_;
    const std::string holder_;
    Time tried_{};
    Time until_{};
};

}  // namespace img::jobs
