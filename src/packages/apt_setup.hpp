// Makes the folder in which one build's apt finds everything: settings, sources, passwords, keys.
#pragma once

#include "packages/apt.hpp"
#include "packages/packages.hpp"

#include <string>
#include <vector>

namespace img::packages {

/// Of checked() repositories. Keys are fetched on the way; afterwards `keyring` names a file in the
/// scratch folder. Fault::missing, Fault::transient: a key is not to be had; Fault::invalid: it is
/// none, or options contradict each other.
Result<void> prepare_apt(system::CommandRunner& runner,
                         const AptFolders& folders,
                         const std::string& architecture,
                         std::vector<Repository>& repositories);

}  // namespace img::packages
