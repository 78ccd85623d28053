// What %include names: files beside a kickstart, and by the operator's leave others and URLs.
#pragma once

#include "kickstart/kickstart.hpp"

#include <filesystem>

namespace img::kickstarter {

struct IncludeRules {
    /// Files below it may be included, by links too that stay below it. Empty: those below the
    /// folder of the kickstart.
    std::filesystem::path root{};
    bool urls = false;  ///< http and https, 16 MiB and 30 s each.
};

/// Relative names count from the folder of the file that includes them. `file` is the kickstart
/// as ParseOptions::file has it; a name such as "<stdin>" stands for a file in the current folder.
kickstart::IncludeSource include_files(const std::string& file, IncludeRules rules);

}  // namespace img::kickstarter
