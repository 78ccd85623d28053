// The lines of a sources.list: those of a build, and those that an image keeps.
#pragma once

#include "packages/packages.hpp"

#include <string>
#include <vector>

namespace img::packages {

/// As apt writes it: "https://…", or "mirror+https://…" for a list of mirrors.
std::string apt_uri(const Repository& repository);

/// One line a repository, the cheapest first: of a version that several have, apt takes the first.
/// `keyring` has to be a file by now.
std::string sources_list(std::vector<Repository> repositories);

/// The lines for an image; `key` is the path of its key in there, or empty.
std::string saved_lines(const Repository& repository, const std::string& key);

/// Names for the files of saved repositories, no two the same, and each one that apt reads.
std::vector<std::string> file_names(const std::vector<Repository>& repositories);

}  // namespace img::packages
