// In which order packages are unpacked and configured, so that none runs a script too early.
#pragma once

#include "packages/deb_control.hpp"

#include <cstddef>
#include <span>
#include <vector>

namespace img::packages {

/// Unpacked together, once `configured_first` are configured. Numbers are places in the list.
struct Wave {
    std::vector<std::size_t> configured_first;
    std::vector<std::size_t> unpacked;
};

/// The order of Debian policy, sections 3.8 and 7.2, for an empty system: the essential packages
/// and all they depend on come first and by force, since the scripts of each may use any other;
/// then every package is unpacked only when its Pre-Depends are configured, which asks for their
/// Depends to be configured too. At the end all that is left is configured at once.
struct InstallOrder {
    std::vector<std::size_t> essential;
    std::vector<Wave> waves;
};

/// Packages that `first` names, by globs, are unpacked and configured with all they need before any
/// other but the essential ones. A circle of Pre-Depends, which no archive should have, ends up in
/// one last wave.
InstallOrder install_order(std::span<const DebControl> packages,
                           std::span<const std::string> first = {});

}  // namespace img::packages
