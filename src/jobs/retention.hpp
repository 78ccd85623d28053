// Which images are kept, and how those that are not go away.
#pragma once

#include "base/result.hpp"
#include "jobs/job_store.hpp"

#include <chrono>
#include <filesystem>
#include <functional>
#include <map>
#include <stop_token>
#include <string>
#include <vector>

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

/// Images that lie in no folder of ours: KeptImage::place is not empty.
class ImagesElsewhere {
public:
    virtual ~ImagesElsewhere() = default;

    /// Whether what lies at such a place can be removed from here. Asks nobody.
    virtual bool reaches(const std::string& place) const = 0;
    /// Removes all that the job has there, of every attempt; doing it again changes nothing.
    /// Fault::transient: out of reach for now, or stopped.
    virtual Result<void> remove(const KeptImage& image, const std::stop_token& stop) = 0;
};

struct RetentionOptions {
    RetentionLimits limits{};
    /// Null: images that lie elsewhere are left alone.
    ImagesElsewhere* elsewhere = nullptr;
};

/// Carries a plan out. Kickstart, log and manifest of a job stay. First the store is told, then
/// files go, and a note in www_root/.removing says which until all have: a sweep that was cut off
/// is completed by the next one.
class Retention {
public:
    Retention(JobStore& store, std::filesystem::path www_root, RetentionOptions options)
        : store_(store), www_root_(std::move(www_root)), options_(options) {}

    /// How many images went. One that is being sent to somebody is left for the next time: whoever
    /// sends a file of a job holds flock(LOCK_SH) on it. Of one that lies elsewhere the store is
    /// told, and its note is left to sweep_elsewhere(). Fault::transient: the store is away.
    Result<std::size_t> sweep(Time now);

    /// Removes what lies elsewhere and has a note. May take as long as that place makes it wait,
    /// so it is for a thread of its own, also while another sweeps. What fails keeps its note.
    Result<void> sweep_elsewhere(const std::stop_token& stop);

private:
    Result<void> for_each_kept(const std::function<Result<void>(const KeptImage&)>& see);
    Result<void> complete_cut_off();
    Result<bool> remove(const KeptImage& image, Time now);
    Result<bool> mark(const KeptImage& image, Time now);
    Result<void> remove_files_of(const std::string& id);
    bool reaches(const std::string& place) const;
    std::vector<std::string> noted_ids() const;
    std::filesystem::path note_of(const std::string& id) const;

    JobStore& store_;
    std::filesystem::path www_root_;
    RetentionOptions options_;
    /// Where an image lies that should go and cannot from here; this is told once.
    std::string unreached_;
    bool has_told_ = false;
};

}  // namespace img::jobs
