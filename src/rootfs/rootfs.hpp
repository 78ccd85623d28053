// Configuring an installed tree: makes a root file system what its kickstart says.
//
// Knows the files and the tools of an installed Linux system; network/ sees to its network. Tools
// run inside the tree, so the caller is root there (of the machine, or of a user namespace). Must
// never know how the tree was installed, what image comes of it, or who asked.
//
// In a build's order: packages_for() when it is planned; run_pre_install_scripts()
// (rootfs/scripts.hpp) before and configure() after everything is installed; run_post_scripts();
// write_fstab(), find_kernels(), and last forget_identity(), so that no script puts back what it
// took out; run_pack_scripts() when the image is there, run_on_error_scripts() when it is not.
#pragma once

#include "base/result.hpp"
#include "kickstart/document.hpp"
#include "system/process_runner.hpp"

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

namespace img::rootfs {

/// The packages (Debian's names) that the document's commands need in the tree to take effect, but
/// for those whose work another package of its %packages does: no nftables beside firewalld.
std::vector<std::string> packages_for(const kickstart::Document& document);

struct Settings {
    /// What the salts of passwords are derived from: a digest of all that goes into the image.
    /// Empty: random ones, and no two builds are alike.
    std::string seed;
    std::int64_t epoch = 0;  ///< SOURCE_DATE_EPOCH, in seconds.
};

/// What the commands of the document say of the tree, in the order in which one needs the other:
/// users before their keys, all programs' own wishes about services before the kickstart's word.
/// `log` gets a line for what is worth knowing and no failure; an error names its line of the
/// kickstart. Partitions, repositories, the boot loader and scripts are seen to elsewhere.
Result<void> configure(system::CommandRunner& runner,
                       const std::filesystem::path& tree,
                       const kickstart::Document& document,
                       const Settings& settings,
                       const system::LineSink& log);

}  // namespace img::rootfs
