// Turns a stranger's request into one of ours: writes the kickstart where only a configuration
// came.
#pragma once

#include "base/result.hpp"
#include "jobs/front_door.hpp"

#include <filesystem>

namespace img::intake {

/// Nothing in it has been checked, but that it has a kickstart where a configuration was given.
/// Where no name was given it has one that follows from what it asks for: the same request has
/// the same name whoever sends it, another request another one.
///
/// A configuration is YAML as kickstarter reads it, with the repos.yaml of the folder of templates.
/// If it makes several kickstarts, the request's name says which is meant. What came later is
/// understood too: {"Template": kickstart, "Packages": [...], "Groups": ["@..."], "Projects":
/// [URL]}.
///
/// Fault::invalid: a sentence with all that kickstarter has to say of it.
Result<jobs::JobRequest> request_from(const jobs::ForeignRequest& foreign,
                                      const std::filesystem::path& templates);

}  // namespace img::intake
