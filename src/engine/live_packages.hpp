// The packages that make a tree start from a live medium.
#pragma once

#include "packages/packages.hpp"

#include <string>

namespace img::engine {

/// Adds Debian's live-boot, or dracut's live module where the selection names a package of
/// dracut's; what is named or excluded already stays as it is. `origin` is who asks for them.
void add_live_packages(packages::Selection& selection, const std::string& origin);

}  // namespace img::engine
