// Package files on their way to the cache, from a server or from one of several mirrors.
#pragma once

#include "packages/apt.hpp"
#include "packages/packages.hpp"

#include <vector>

namespace img::packages {

/// To scratch/downloads/<sha256>. Where a list of mirrors offers a package, they are tried one
/// after the other until one has all of them.
Result<void> download_packages(system::CommandRunner& runner,
                               const AptFolders& folders,
                               const std::vector<Repository>& repositories,
                               const std::vector<Package>& batch);

}  // namespace img::packages
