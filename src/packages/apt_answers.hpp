// What apt-get says when it refuses, turned into sentences that name who asked.
#pragma once

#include "packages/packages.hpp"

#include <string_view>
#include <vector>

namespace img::packages {

/// From the output of a failed update.
Error explain_update(std::string_view output, const std::vector<Repository>& repositories);

/// From the output of a failed download.
Error explain_fetch(std::string_view output);

/// The names that an attempt to solve did not find, as they were asked for.
std::vector<Asked> unknown_names(std::string_view output, const Selection& selection);

/// "demo.ks:24: no package 'vmi'; did you mean 'vim'?", a line each.
Error explain_unknown(const std::vector<Asked>& unknown, const std::vector<std::string>& known);

/// What cannot be together: apt's own words, and behind each package the chain that asks for it,
/// found in `dependencies`, the output of `apt-cache depends --recurse`.
Error explain_conflict(std::string_view output,
                       const Selection& selection,
                       std::string_view dependencies);

}  // namespace img::packages
