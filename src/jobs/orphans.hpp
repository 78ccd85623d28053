// Folders that a submit left which was cut off before its row was made.
#pragma once

#include "base/result.hpp"
#include "jobs/job_store.hpp"

#include <chrono>
#include <cstddef>
#include <filesystem>
#include <stop_token>

namespace img::jobs {

/// How long such a folder is left alone. Between folder and row a submit takes milliseconds, or as
/// long as a store that is away holds it up, which is less than a minute; an hour also outlasts
/// clocks of services that share a www-root and do not agree.
inline constexpr std::chrono::hours kOrphanAge{1};

/// Removes folders of www_root that have the form of a job's id, hold nothing or one kickstart, are
/// older than kOrphanAge and have no row in the store; how many. One that holds anything else is
/// more than a submit leaves: it stays, whatever the store says, for that may be another one, or a
/// backup from before the job. Fault::transient: the store is away, or it was stopped.
Result<std::size_t> sweep_orphans(JobStore& store,
                                  const std::filesystem::path& www_root,
                                  Time now,
                                  const std::stop_token& stop = {});

}  // namespace img::jobs
