// The folder that generated kickstarts go to: all of them, or none.
#pragma once

#include "kickstarter/kickstarter.hpp"

#include <filesystem>
#include <span>

namespace img::kickstarter {

/// Writes FILE_NAME.ks for each, made first under other names and then renamed, so that nobody
/// reads half of one; a folder that is not there is made. Fault::invalid: it is a file.
Result<void> write_kickstarts(const std::filesystem::path& folder,
                              std::span<const Kickstart> kickstarts);

}  // namespace img::kickstarter
