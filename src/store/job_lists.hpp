// Lists of jobs: pages of the queue, what waits, what is late, what is kept.
#pragma once

#include "base/result.hpp"
#include "jobs/job_store.hpp"
#include "store/session.hpp"

#include <optional>
#include <string>
#include <vector>

namespace img::store {

// As the functions of JobStore that have these names.

/// Nothing: there is no job of the id that the page is to begin after.
std::optional<std::vector<jobs::Job>> list_jobs(Session& sql, const jobs::JobFilter& filter);
std::uint64_t count_jobs(Session& sql, jobs::JobState state);
std::vector<jobs::Job> expired_jobs(Session& sql, jobs::Time now);
std::vector<jobs::QueuedJob> queued_jobs(Session& sql, std::int64_t after, std::size_t limit);
std::vector<jobs::BuildTime> build_times(Session& sql, std::size_t limit);

/// Nothing: there is no job of the id `after`.
std::optional<std::vector<jobs::KeptImage>> kept_images(Session& sql,
                                                        const std::string& after,
                                                        std::size_t limit);
bool remove_image(Session& sql, const std::string& id, jobs::Time now);
bool pin_job(Session& sql, const std::string& id, bool is_pinned);

}  // namespace img::store
