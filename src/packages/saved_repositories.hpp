// The repositories that an image keeps for its own updates.
#pragma once

#include "packages/packages.hpp"

#include <filesystem>
#include <string>
#include <vector>

namespace img::packages {

/// A repository to keep, and its key: the text of it, or empty.
struct SavedRepository {
    Repository repository;
    std::string key;
};

/// Writes /etc/apt/sources.list.d/NAME.list into the tree, and the key to /etc/apt/keyrings.
/// Fault::broken: a folder on the way is a link, which could lead out of the tree.
Result<void> save_repositories(const std::vector<SavedRepository>& saved,
                               const std::filesystem::path& tree);

}  // namespace img::packages
