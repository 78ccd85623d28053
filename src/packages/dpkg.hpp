// dpkg inside the tree: few calls for many packages, in the order that their scripts need.
#pragma once

#include "packages/install_order.hpp"
#include "packages/packages.hpp"
#include "system/command.hpp"

#include <filesystem>
#include <string>
#include <vector>

namespace img::packages {

/// A package to install: its control fields and its file in the cache.
struct PackageFile {
    DebControl control;
    std::filesystem::path file;
};

/// All that is to be installed.
struct PackageSet {
    const std::vector<PackageFile>& files;
    const std::vector<std::string>& first;  ///< Names, globs: set up before all others.
    std::filesystem::path cache_folder;     ///< Where the files are.
};

/// Installs packages into an empty tree. `lines` of dpkg go to the runner's log.
Result<void> install_packages(system::CommandRunner& runner,
                              const PackageSet& set,
                              const std::filesystem::path& tree,
                              const InstallOptions& options);

/// dpkg with what every call needs, in the tree.
system::Command dpkg_command(const std::filesystem::path& tree,
                             const InstallOptions& options,
                             std::vector<std::string> arguments);

}  // namespace img::packages
