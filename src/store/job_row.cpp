#include "store/job_row.hpp"

#include <algorithm>
#include <limits>
#include <soci/into.h>

namespace img::store {

using jobs::Job;
using jobs::Time;

std::string JobRow::columns(Kickstart kickstart) {
    std::string names =
        "id, name, image_type, overlay, email, state, attempt, worker, stage, stage_done, "
        "stage_total, stage_unit, stage_text, error, error_stage, image, created, started, "
        "finished, lease_end";
    if (kickstart == Kickstart::with) {
        names += ", kickstart, template";
    }
    return names;
}

void JobRow::bind(soci::statement& statement, Kickstart kickstart) {
    const auto into = [&statement](auto& variable) { statement.exchange(soci::into(variable)); };
    into(job_.id);
    into(job_.request.name);
    into(job_.request.image_type);
    into(job_.request.overlay);
    into(job_.request.email);
    into(state_);
    into(attempt_);
    into(job_.worker);
    into(job_.progress.stage);
    into(done_);
    into(total_);
    into(job_.progress.unit);
    into(job_.progress.text);
    into(job_.error);
    into(job_.error_stage);
    into(job_.image);
    into(created_);
    into(started_);
    into(finished_);
    into(lease_end_);
    if (kickstart == Kickstart::with) {
        into(job_.request.kickstart);
        into(job_.request.template_name);
    }
}

Job JobRow::take() {
    const auto time = [](long long ms) { return Time(std::chrono::milliseconds(ms)); };
    Job job = job_;  // a copy: the next fetch writes into the variables that are bound
    // A CHECK holds the column to our words; one from a newer program would stop migrate().
    job.state = jobs::job_state_from(state_).value_or(jobs::JobState::error);
    job.attempt = static_cast<unsigned>(attempt_);
    job.progress.done = static_cast<std::uint64_t>(done_);
    job.progress.total = static_cast<std::uint64_t>(total_);
    job.created = time(created_);
    job.started = time(started_);
    job.finished = time(finished_);
    job.lease_end = time(lease_end_);
    return job;
}

long long stored(Time time) {
    return time.time_since_epoch().count();
}

long long stored(std::uint64_t count) {
    constexpr std::uint64_t most = std::numeric_limits<long long>::max();
    return static_cast<long long>(std::min(count, most));
}

}  // namespace img::store
