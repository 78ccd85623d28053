// Reads YAML that strangers may have written: whatever it holds, time and memory are bounded.
#pragma once

#include "kickstarter/yaml_value.hpp"
#include "syntax/reporter.hpp"

#include <cstddef>
#include <string>
#include <string_view>

namespace img::kickstarter {

constexpr std::size_t kYamlBytesMax = std::size_t{1} << 20;  // the largest one known has 60 KiB
constexpr std::size_t kYamlDepthMax = 32;
/// With every alias written out, so that ten lines of aliases cannot become a billion values.
constexpr std::size_t kYamlNodesMax = 50'000;

/// One document; null where an error was reported. Of a key that is said twice the last counts, as
/// in PyYAML, and a warning says so; "<<" merges maps.
YamlNode read_yaml(std::string_view text, const std::string& file, syntax::Reporter& report);

}  // namespace img::kickstarter
