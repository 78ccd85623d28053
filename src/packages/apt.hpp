// apt-get with a configuration of a build's own: which commands, and the files they need.
#pragma once

#include "packages/packages.hpp"
#include "system/command.hpp"

#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

namespace img::packages {

/// The folders of one private apt: nothing of the machine's package state is read or written.
struct AptFolders {
    std::filesystem::path scratch;  ///< Configuration, and downloads on their way to the cache.
    std::filesystem::path lists;    ///< Indices, kept between builds of the same repositories.
};

/// The configuration file; `transport` is carried over from the machine: its proxies and
/// time-outs, as `apt-config dump` prints them.
std::string apt_configuration(const AptFolders& folders,
                              const std::string& architecture,
                              std::string_view transport);

/// What of the machine's `apt-config dump` has to do with reaching a mirror.
std::string transport_settings(std::string_view apt_config_dump);

/// The words for apt-get install that stand for a selection: names as they are, groups as
/// patterns and tasks, exclusions with a minus behind them.
std::vector<std::string> install_arguments(const Selection& selection, bool merged_usr);

system::Command update_command(const AptFolders& folders);
system::Command solve_command(const AptFolders& folders,
                              const std::vector<std::string>& arguments,
                              bool weak_dependencies);
/// Fetches the packages' files to scratch/downloads/<sha256>, checking digests.
system::Command fetch_command(const AptFolders& folders, const std::vector<Package>& packages);

/// Fetches one file that no index knows: a key, a list of mirrors.
system::Command download_command(const AptFolders& folders,
                                 const std::string& url,
                                 const std::filesystem::path& file);

/// Reads the output of solve_command. Fault::broken: a line is not as apt 2 prints it.
Result<std::vector<Package>> read_solution(std::string_view output);

}  // namespace img::packages
