// Which files of packages are left out of a tree: dpkg's --path-exclude and --path-include.
#pragma once

#include "packages/packages.hpp"

#include <string>
#include <string_view>
#include <vector>

namespace img::packages {

/// Patterns of fnmatch(3) on whole paths, in which * goes beyond slashes; the last that fits wins.
struct PathRule {
    bool included = false;
    std::string pattern;

    bool operator==(const PathRule&) const = default;
};

std::vector<PathRule> path_rules(const InstallOptions& options);

/// dpkg's own answer for "/usr/share/doc/x"; a folder or link that something kept may lie in stays.
bool is_kept(const std::vector<PathRule>& rules, const std::string& path, bool folder_or_link);

/// "de_DE.UTF-8@euro" and its parents: "de_DE@euro", "de_DE", "de@euro", "de".
std::vector<std::string> locale_folders(std::string_view locale);

}  // namespace img::packages
