// configurations.yaml: Default, the platforms, and every image that is configured on top of them.
#pragma once

#include "kickstarter/configuration.hpp"
#include "syntax/reporter.hpp"

#include <cstddef>
#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

namespace img::kickstarter {

constexpr std::size_t kConfigurationsMax = 1000;

/// Those of the list Configurations, then those of ExternalConfigs: folders below `folder` with a
/// *.yaml for each. Only sound ones: a map that has a Name, a FileName and a Platform that is
/// there.
std::vector<Configuration> read_configurations(std::string_view text,
                                               const std::string& file,
                                               const std::filesystem::path& folder,
                                               syntax::Reporter& report);

}  // namespace img::kickstarter
