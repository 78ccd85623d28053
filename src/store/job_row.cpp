#include "store/job_row.hpp"

#include <algorithm>
#include <array>
#include <limits>

namespace img::store {

using jobs::Job;
using jobs::Time;

std::string JobRow::columns(Kickstart kickstart, std::string_view table) {
    constexpr std::array always{
        "id",         "name",     "image_type",  "overlay",     "email",       "state",
        "attempt",    "worker",   "stage",       "stage_done",  "stage_total", "stage_unit",
        "stage_text", "error",    "error_stage", "image",       "place",       "size",
        "is_pinned",  "removed",  "created",     "started",     "finished",    "lease_end",
        "reference",  "is_fresh", "priority",    "architecture"};
    constexpr std::array rare{"template", "kickstart", "losses"};
    std::string names;
    const auto add = [&](const char* column) {
        names.append(names.empty() ? "" : ", ").append(table).append(column);
    };
    std::ranges::for_each(always, add);
    if (kickstart == Kickstart::with) {
        std::ranges::for_each(rare, add);
    }
    return names;
}

void JobRow::bind(Query& query, Kickstart kickstart) {
    auto& request = job_.request;
    auto& progress = job_.progress;
    query.into(job_.id).into(request.name).into(request.image_type).into(request.overlay);
    query.into(request.email).into(state_).into(attempt_).into(job_.worker);
    query.into(progress.stage).into(done_).into(total_).into(progress.unit).into(progress.text);
    query.into(job_.error).into(job_.error_stage).into(job_.image).into(job_.place).into(size_);
    query.into(is_pinned_).into(removed_).into(created_).into(started_).into(finished_);
    query.into(lease_end_).into(request.reference).into(is_fresh_).into(request.priority);
    query.into(request.architecture);
    if (kickstart == Kickstart::with) {
        query.into(request.template_name).into(request.kickstart).into(losses_);
    }
}

Job JobRow::take() {
    Job job = job_;  // a copy: the next fetch writes into the variables that are bound
    // A CHECK holds the column to our words; one from a newer program would stop migrate().
    job.state = jobs::job_state_from(state_).value_or(jobs::JobState::error);
    job.attempt = static_cast<unsigned>(attempt_);
    job.losses = static_cast<unsigned>(losses_);
    job.progress.done = static_cast<std::uint64_t>(done_);
    job.progress.total = static_cast<std::uint64_t>(total_);
    job.size = static_cast<std::uint64_t>(size_);
    job.is_pinned = is_pinned_ != 0;
    job.request.is_fresh = is_fresh_ != 0;
    job.removed = time_of(removed_);
    job.created = time_of(created_);
    job.started = time_of(started_);
    job.finished = time_of(finished_);
    job.lease_end = time_of(lease_end_);
    return job;
}

std::optional<Job> read_job(Session& sql, const std::string& condition, const std::string& value) {
    JobRow row;
    Query query(sql,
                "SELECT " + JobRow::columns(Kickstart::with) + " FROM jobs WHERE " + condition);
    row.bind(query, Kickstart::with);
    if (!query.with(value).run()) {
        return std::nullopt;
    }
    auto job = row.take();
    job.request.kickstart = bytes_of(sql, std::move(job.request.kickstart));
    return job;
}

std::vector<Job> read_jobs(Query& query) {
    JobRow row;
    row.bind(query, Kickstart::without);
    std::vector<Job> jobs;
    for (bool is_there = query.run(); is_there; is_there = query.next()) {
        jobs.push_back(row.take());
    }
    return jobs;
}

long long stored(Time time) {
    return time.time_since_epoch().count();
}

Time time_of(long long stored) {
    return Time(std::chrono::milliseconds(stored));
}

long long stored(std::uint64_t count) {
    constexpr std::uint64_t most = std::numeric_limits<long long>::max();
    return static_cast<long long>(std::min(count, most));
}

}  // namespace img::store
