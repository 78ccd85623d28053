// What a tree says of the packages that are installed in it.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace img::packages {

struct InstalledPackage {
    std::string name, architecture, version;
    std::string source;                   ///< "glibc 2.36-9": what it was built from.
    std::vector<std::string> files{};     ///< Absolute paths of the tree, sorted; folders too.
    std::vector<std::string> licenses{};  ///< Short names, sorted: "GPL-2+"; empty: not said.
};

/// The short names of a Debian copyright file in the machine-readable form (DEP-5): the first line
/// of each License field, "GPL-2+ and Expat" as it stands, sorted, each once. Empty: the file is
/// prose, which only people can read.
std::vector<std::string> licenses_of_copyright(std::string_view text);

/// `--record-pkgs=name`: "name.architecture version", a line each; with `vcs` the source follows.
std::string package_list(const std::vector<InstalledPackage>& packages, bool vcs);

/// `--record-pkgs=content`: such a line, then the files, each behind four blanks, then an empty
/// line.
std::string file_list(const std::vector<InstalledPackage>& packages);

/// `--record-pkgs=license`: how many packages each licence has, the most frequent first, then the
/// packages of each.
std::string license_list(const std::vector<InstalledPackage>& packages);

}  // namespace img::packages
