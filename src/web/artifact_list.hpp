// The files of a job's folder, with what manifest.json says of them.
#pragma once

#include "api/api.hpp"
#include "jobs/job.hpp"

#include <filesystem>
#include <vector>

namespace img::web {

/// The regular files by name, hidden ones left out; at most 1000. manifest.json adds type and
/// SHA-256: {"artifacts": [{"file", "type", "sha256"}, …]}; one that cannot be read adds nothing.
/// No folder gives no files. Of a job whose images lie elsewhere (Job::place) those that the
/// manifest names are there too, until retention has removed them.
std::vector<api::Artifact> list_artifacts(const std::filesystem::path& folder,
                                          const jobs::Job& job = {});

}  // namespace img::web
