// Which packages of which repository may be taken, and which repository is asked first.
#pragma once

#include "packages/packages.hpp"

#include <string>
#include <vector>

namespace img::packages {

/// The text of an apt_preferences(5) file; empty where nobody asked for anything. Fault::invalid:
/// apt cannot tell a repository from another one, whose host and whose suite it has.
Result<std::string> preferences(const std::vector<Repository>& repositories);

}  // namespace img::packages
