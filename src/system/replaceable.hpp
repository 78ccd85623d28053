// What a finished file may take the place of.
#pragma once

#include "base/result.hpp"

#include <filesystem>

namespace img::system {

/// A rename over a device or a pipe takes it away from everyone who uses it, as root over /dev/null
/// too. Fault::invalid: something is there that is neither a regular file nor a link to one.
Result<void> check_replaceable(const std::filesystem::path& file);

}  // namespace img::system
