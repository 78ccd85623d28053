// What lies in a job's folder beside what stays there for ever.
#pragma once

#include "base/result.hpp"
#include "system/fd.hpp"

#include <filesystem>
#include <optional>
#include <vector>

namespace img::jobs {

/// All but kickstart, log and manifest, and hidden files, which are the service's own; nothing
/// where there is no folder.
Result<std::vector<std::filesystem::path>> image_files(const std::filesystem::path& folder);

/// Locks that nobody shares who sends one of these files. Nothing: somebody does.
std::optional<std::vector<system::Fd>> lock_files(const std::vector<std::filesystem::path>& files);

Result<void> remove_files(const std::vector<std::filesystem::path>& files);

}  // namespace img::jobs
