// Which images are kept, and how those that are not go away.
#pragma once

#include "base/result.hpp"
#include "jobs/job_store.hpp"

#include <chrono>
#include <filesystem>
#include <functional>
#include <map>
#include <string>

namespace img::jobs {

/// What may be kept; 0: there is no such limit. The oldest go first. Pinned ones count, as they
/// take room, and stay.
struct RetentionLimits {
    std::chrono::seconds age{0};   ///< Since the build was done.
    std::uint64_t user_bytes = 0;  ///< Of all artefacts of one user.
    std::uint64_t total_bytes = 0;
    std::uint64_t user_count = 0;  ///< Jobs whose artefacts are kept, of one user.
    std::uint64_t total_count = 0;

    bool operator==(const RetentionLimits&) const = default;
};

/// Decides in two passes over all kept images: first every one is counted, then each is asked
/// about, the oldest first.
class RetentionPlan {
public:
    explicit RetentionPlan(RetentionLimits limits) : limits_(limits) {}

    void count(const KeptImage& image);
    /// Whether it has to go.
    bool is_due(const KeptImage& image, Time now) const;
    /// It has gone: its room is free.
    void uncount(const KeptImage& image);

private:
    struct Use {
        std::uint64_t bytes = 0;
        std::uint64_t count = 0;
    };

    RetentionLimits limits_;
    Use total_;
    std::map<std::string, Use> by_user_;
};

struct RetentionOptions {
    RetentionLimits limits{};
    /// Removes artefacts that lie elsewhere (KeptImage::place is not empty). Empty: those are left
    /// alone.
    std::function<Result<void>(const KeptImage&)> remove_elsewhere{};
};

/// Carries a plan out. Kickstart, log and manifest of a job stay. First the store is told, then
/// files go, and a note in www_root/.removing says which until all have: a sweep that was cut off
/// is completed by the next one.
class Retention {
public:
    Retention(JobStore& store, std::filesystem::path www_root, RetentionOptions options)
        : store_(store), www_root_(std::move(www_root)), options_(std::move(options)) {}

    /// How many images went. One that is being sent to somebody is left for the next time: whoever
    /// sends a file of a job holds flock(LOCK_SH) on it.
    Result<std::size_t> sweep(Time now);

private:
    Result<void> for_each_kept(const std::function<Result<void>(const KeptImage&)>& see);
    Result<void> complete_cut_off();
    Result<bool> remove(const KeptImage& image, Time now);
    Result<bool> mark(const KeptImage& image, Time now);
    Result<void> remove_artefacts(const KeptImage& image);
    std::filesystem::path note_of(const std::string& id) const;

    JobStore& store_;
    std::filesystem::path www_root_;
    RetentionOptions options_;
};

}  // namespace img::jobs
