#include "jobs/submissions.hpp"

#include "jobs/attempt_fence.hpp"
#include "jobs/job_message.hpp"
#include "system/kill_point.hpp"

#include <fmt/format.h>

namespace img::jobs {
namespace {

constexpr int kCancelTries = 5;  // each fails only if the job moved on in between

}  // namespace

Result<Submitted> Submissions::submit(JobRequest request, Time now) {
    TRY(check(request));
    TRY(folders_.check_room());
    Job job{.id = new_job_id(), .request = std::move(request), .created = now};
    TRY(folders_.write_kickstart(job));
    system::kill_point("submit.folder-made");
    const auto added = store_.add(job, now - reuse_);
    if (!added || added->id != job.id) {
        folders_.remove(job.id);
    }
    if (!added) {
        return std::unexpected(added.error());
    }
    system::kill_point("submit.row-added");
    if (added->id == job.id) {
        return Submitted{.job = std::move(job), .is_joined = added->is_joined};
    }
    auto joined = TRY(store_.find(added->id));
    if (!joined) {
        return fail(Fault::broken, fmt::format("job {}: it is not in the store", added->id));
    }
    return Submitted{.job = *std::move(joined), .is_joined = true};
}

Result<Job> Submissions::cancel(const std::string& id, Time now) {
    auto job = TRY(move_to_cancelled(id, now));
    system::kill_point("cancel.moved");
    note(folders_.raise_fence(id, AttemptFence::kClosed));
    note(folders_.close_log(job, "--- cancelled ---"));
    return job;
}

Result<Job> Submissions::move_to_cancelled(const std::string& id, Time now) {
    for (int i = 0; i < kCancelTries; ++i) {
        const auto job = TRY(store_.find(id));
        if (!job) {
            return fail(Fault::missing, fmt::format("job {}: there is none with this id", id));
        }
        if (is_finished(job->state)) {
            return fail(Fault::invalid, fmt::format("job {}: it is finished already ({})", id,
                                                    to_text(job->state)));
        }
        auto moved = TRY(store_.move(
            {.id = id, .attempt = job->attempt, .event = JobEvent::cancel, .now = now}));
        if (moved) {
            return *std::move(moved);
        }
    }
    return fail(Fault::transient, fmt::format("job {}: it keeps changing, try again", id));
}

void Submissions::note(const Result<void>& result) const {
    if (!result && trouble_) {
        trouble_(result.error());
    }
}

}  // namespace img::jobs
