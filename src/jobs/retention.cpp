#include "jobs/retention.hpp"

#include "jobs/image_files.hpp"
#include "system/files.hpp"
#include "system/kill_point.hpp"

#include <fmt/format.h>
#include <system_error>
#include <vector>

namespace img::jobs {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t kBatch = 1000;

bool is_beyond(std::uint64_t amount, std::uint64_t limit) {
    return limit != 0 && amount > limit;
}

}  // namespace

// --- The plan ---

void RetentionPlan::count(const KeptImage& image) {
    auto& user = by_user_[image.user];
    user.bytes += image.size;
    total_.bytes += image.size;
    ++user.count;
    ++total_.count;
}

void RetentionPlan::uncount(const KeptImage& image) {
    auto& user = by_user_[image.user];
    user.bytes -= image.size;
    total_.bytes -= image.size;
    --user.count;
    --total_.count;
}

bool RetentionPlan::is_due(const KeptImage& image, Time now) const {
    if (image.is_pinned) {
        return false;
    }
    const auto user = by_user_.find(image.user);
    const auto use = user == by_user_.end() ? Use{} : user->second;
    return (limits_.age.count() != 0 && now - image.finished > limits_.age) ||
           is_beyond(use.bytes, limits_.user_bytes) || is_beyond(use.count, limits_.user_count) ||
           is_beyond(total_.bytes, limits_.total_bytes) ||
           is_beyond(total_.count, limits_.total_count);
}

// --- What carries it out ---

fs::path Retention::note_of(const std::string& id) const {
    return www_root_ / ".removing" / id;
}

Result<void> Retention::for_each_kept(const std::function<Result<void>(const KeptImage&)>& see) {
    std::string after;
    for (;;) {
        const auto batch = TRY(store_.kept(after, kBatch));
        for (const auto& image : batch) {
            TRY(see(image));
        }
        if (batch.size() < kBatch) {
            return {};
        }
        after = batch.back().id;
    }
}

Result<std::size_t> Retention::sweep(Time now) {
    auto outcome = complete_cut_off();
    std::size_t count = 0;
    if (options_.limits == RetentionLimits{}) {
        TRY(outcome);
        return count;
    }
    RetentionPlan plan(options_.limits);
    const auto counted = [&plan](const KeptImage& image) -> Result<void> {
        plan.count(image);
        return {};
    };
    TRY(for_each_kept(counted));
    const auto removed_if_due = [&](const KeptImage& image) -> Result<void> {
        const auto removed = plan.is_due(image, now) ? remove(image, now) : Result<bool>(false);
        if (!removed && removed.error().fault != Fault::broken) {
            return std::unexpected(removed.error());  // the store is away: later
        }
        if (!removed) {
            outcome = std::unexpected(removed.error());  // one does not keep the others
        } else if (*removed) {
            plan.uncount(image);
            ++count;
        }
        return {};
    };
    TRY(for_each_kept(removed_if_due));
    TRY(outcome);
    if (!unreached_.empty() && !has_told_) {
        has_told_ = true;
        return fail(Fault::broken,
                    fmt::format("images below {} should go by now, but cannot from here: give imgd "
                                "this place and its keys, --s3 and --s3-credentials",
                                unreached_));
    }
    return count;
}

/// Whether the store has been told. False: somebody reads its files, has pinned it meanwhile, or
/// it lies where we cannot remove it.
Result<bool> Retention::remove(const KeptImage& image, Time now) {
    if (!reaches(image.place)) {
        unreached_ = image.place;
        return false;
    }
    const auto locks = lock_files(TRY(image_files(www_root_ / image.id)));
    if (!locks || !TRY(mark(image, now))) {
        return false;
    }
    if (image.place.empty()) {
        // Where that fails the note stays, and the next sweep tries again and says why. It counts
        // as gone all the same, or a younger one would have to go in its place.
        (void)remove_files_of(image.id);
    }
    return true;
}

/// Tells the store, behind a note that survives a crash.
Result<bool> Retention::mark(const KeptImage& image, Time now) {
    TRY(system::make_folder(www_root_ / ".removing"));
    TRY(system::write_file(note_of(image.id), ""));
    if (!TRY(store_.remove_image(image.id, now))) {
        std::error_code ignored;
        fs::remove(note_of(image.id), ignored);
        return false;
    }
    system::kill_point("retention.marked");
    return true;
}

/// The last step: the store knows already that they are gone, and nothing lies elsewhere.
Result<void> Retention::remove_files_of(const std::string& id) {
    const auto files = TRY(image_files(www_root_ / id));
    TRY(remove_files(files));
    system::kill_point("retention.removed");
    std::error_code ignored;
    fs::remove(note_of(id), ignored);
    return {};
}

/// A note of a job that the store says has no artefacts any more: the rest of them goes now, or is
/// for sweep_elsewhere(). Of any other job: the sweep was cut off before the store knew, so nothing
/// has happened.
Result<void> Retention::complete_cut_off() {
    Result<void> outcome;  // one that cannot be removed does not keep the others
    for (const auto& id : noted_ids()) {
        const auto job = is_job_id(id) ? TRY(store_.find(id)) : std::optional<Job>();
        if (!job || job->removed == Time{}) {
            std::error_code ignored;
            fs::remove(note_of(id), ignored);
        } else if (job->place.empty()) {
            const auto removed = remove_files_of(id);
            outcome = removed ? outcome : removed;
        }
    }
    return outcome;
}

/// Touches no note of a job whose images are there: sweep() may be about to tell the store.
Result<void> Retention::sweep_elsewhere(const std::stop_token& stop) {
    Result<void> outcome;
    for (const auto& id : noted_ids()) {
        const auto job = is_job_id(id) ? TRY(store_.find(id)) : std::optional<Job>();
        if (!job || job->removed == Time{} || job->place.empty() || !reaches(job->place)) {
            continue;
        }
        auto removed = options_.elsewhere->remove({.id = id, .place = job->place}, stop);
        if (!removed && removed.error().fault == Fault::transient) {
            return removed;  // it is away, and the others lie there too
        }
        removed = removed ? remove_files_of(id) : removed;
        outcome = removed ? outcome : removed;
    }
    return outcome;
}

/// Of our own folders that is certain.
bool Retention::reaches(const std::string& place) const {
    return place.empty() || (options_.elsewhere != nullptr && options_.elsewhere->reaches(place));
}

std::vector<std::string> Retention::noted_ids() const {
    std::error_code error;
    std::vector<std::string> ids;
    for (fs::directory_iterator entry(www_root_ / ".removing", error), end; !error && entry != end;
         entry.increment(error)) {
        ids.push_back(entry->path().filename().string());
    }
    return ids;
}

}  // namespace img::jobs
