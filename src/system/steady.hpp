// Where the library lies that keeps a program steady, and what tells it to be loaded.
#pragma once

#include "base/result.hpp"
#include "system/command.hpp"

#include <filesystem>
#include <string>
#include <vector>

namespace img::system {

/// Where a sandbox shows the library, whatever the machine calls it.
inline constexpr auto kSteadyInSandbox = "/run/img/libimg-steady.so";

/// Where this program lies.
std::filesystem::path program_folder();

/// The library: in a sandbox where that shows it, else beside the programs in `bin`, as both the
/// build tree (bin/img, lib/) and an installation (bin/img, lib/img/) have it. Fault::missing.
Result<std::filesystem::path> steady_library(const std::filesystem::path& bin = program_folder());

/// What a program's environment needs for it. As steady_library().
Result<std::vector<std::string>> steady_environment(const Steady& steady);

}  // namespace img::system
