// How imgd and img-worker take their command line and their configuration file.
#pragma once

#include "base/result.hpp"

#include <optional>
#include <string>
#include <vector>

namespace CLI {
class App;
}

namespace img {

/// Adds --config, --check-config and --version; `line` is an example of what stands in the file.
void add_common_options(CLI::App& app, bool& is_only_checked, const std::string& line);

/// Takes the words, the last one first as CLI11 does. The exit code where all has been said with
/// that: --help, --version, or words that it does not know.
std::optional<int> take_words(CLI::App& app, std::vector<std::string> words);

}  // namespace img
