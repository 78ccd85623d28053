// Overlays: a short list of packages that is laid over the one of a kickstart.
#pragma once

#include "base/result.hpp"
#include "kickstart/document.hpp"

#include <string_view>

namespace img::kickstart {

/// "vim, -nano, @core": commas or line ends between, `name` adds, `-name` removes, `@group` and
/// `-@group` likewise. Locations have the file "overlay" and the line in it. Fault::invalid: a
/// line for each name that does not do (the first ten), or more than 1 MiB.
Result<Packages> parse_overlay(std::string_view text);

/// What the overlay says of a name wins over what the kickstart says.
void apply_overlay(Packages& packages, const Packages& overlay);

}  // namespace img::kickstart
