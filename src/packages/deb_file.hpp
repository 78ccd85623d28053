// Debian package files: taking the compression off, and reading what is inside.
#pragma once

#include "base/result.hpp"
#include "packages/deb_control.hpp"
#include "packages/path_rules.hpp"

#include <cstdint>
#include <filesystem>
#include <string>

namespace img::packages {

/// Writes `source` again with its members uncompressed, which deb(5) allows and dpkg reads: from
/// then on the package is verified and unpacked at the speed of a copy. `target` appears at once
/// and complete, or not at all. Fault::broken: `source` is no package, or its SHA-256 is another.
Result<void> store_uncompressed(const std::filesystem::path& source,
                                const std::string& sha256,
                                const std::filesystem::path& target);

/// The control fields of a package that store_uncompressed() wrote.
Result<DebControl> read_control(const std::filesystem::path& package);

/// Unpacks the files of packages that store_uncompressed() wrote into `tree`, without any script
/// and without dpkg's database: the first step into an empty tree, that dpkg then does again. The
/// threads that do it have `tree` as their root, so no link in a package leads out of it. What the
/// rules leave out is left out here too: dpkg, which does not know of it, would not remove it.
Result<void> extract_files(const std::vector<std::filesystem::path>& packages,
                           const std::filesystem::path& tree,
                           const std::vector<PathRule>& rules = {});

}  // namespace img::packages
