// Images of jobs that failed or were cancelled: published in the moment before, and nobody's.
#pragma once

#include "base/result.hpp"
#include "jobs/job_store.hpp"

#include <cstddef>
#include <filesystem>
#include <stop_token>

namespace img::jobs {

/// Removes the artefacts and the manifest of jobs that ended without an image; of how many. The
/// kickstart and the log stay. The fence of each is closed first, so nothing comes after. One that
/// somebody publishes into or reads just now is left for the next time, as are images that lie
/// elsewhere. Fault::transient: the store is away, or it was stopped.
Result<std::size_t> sweep_leftovers(JobStore& store,
                                    const std::filesystem::path& www_root,
                                    const std::stop_token& stop = {});

}  // namespace img::jobs
