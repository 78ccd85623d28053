// Runs a kickstart's scripts, each kind at its moment of a build, in the tree or beside it.
#pragma once

#include "base/result.hpp"
#include "kickstart/document.hpp"
#include "system/process_runner.hpp"

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

namespace img::tree {
class Tree;
}

namespace img::rootfs {

struct ScriptSettings {
    std::string image_name;             ///< IMG_NAME of a script beside the tree.
    std::filesystem::path scratch;      ///< A folder of the build's own, outside the tree.
    std::filesystem::path live_root{};  ///< LIVE_ROOT: a live image's media tree; empty: none.
    std::filesystem::path out{};        ///< IMG_OUT_DIR of %pack: where the image lies.
    /// "NAME=value", for every script. INSTALLERFW_MOUNT_PREFIX is seen to here: it differs.
    std::vector<std::string> variables{};
    std::int64_t epoch = 0;  ///< SOURCE_DATE_EPOCH, for the tools that a script calls.
    std::chrono::seconds timeout{3600};
};

/// Whether it runs in the tree: only %post does, and not with --nochroot.
bool runs_in_tree(const kickstart::Script& script);

/// A script's environment holds only what the original's did: PATH, the INSTALLERFW_ variables,
/// and beside the tree INSTALL_ROOT, IMG_NAME, LIVE_ROOT and IMG_OUT_DIR as they apply; and
/// SOURCE_DATE_EPOCH. Pure.
system::Command script_command(const tree::Tree& tree,
                               const kickstart::Script& script,
                               const std::filesystem::path& file,
                               const ScriptSettings& settings);

/// The four moments. Each runs the scripts of its kind in the order of the text; one that fails is
/// a warning in the log, or with --erroronfail the end: Fault::broken, "%post (demo.ks:40): exit
/// 3" and its last lines. The tree's /tmp is 1777 before each script and after the last. A script's
/// process group ends with it; what left its group the caller ends: system::end_other_processes().

/// %pre-install: beside the still empty tree.
Result<void> run_pre_install_scripts(system::CommandRunner& runner,
                                     const tree::Tree& tree,
                                     const std::vector<kickstart::Script>& scripts,
                                     const ScriptSettings& settings,
                                     const system::LineSink& log);

/// %post: once the tree is configured.
Result<void> run_post_scripts(system::CommandRunner& runner,
                              const tree::Tree& tree,
                              const std::vector<kickstart::Script>& scripts,
                              const ScriptSettings& settings,
                              const system::LineSink& log);

/// %onerror: when the build has failed. Theirs is no failure, whatever they say: the log gets it,
/// and the build's own error stays the one that is told.
void run_on_error_scripts(system::CommandRunner& runner,
                          const tree::Tree& tree,
                          const std::vector<kickstart::Script>& scripts,
                          const ScriptSettings& settings,
                          const system::LineSink& log);

/// %pack: when the image lies in `settings.out`.
Result<void> run_pack_scripts(system::CommandRunner& runner,
                              const tree::Tree& tree,
                              const std::vector<kickstart::Script>& scripts,
                              const ScriptSettings& settings,
                              const system::LineSink& log);

}  // namespace img::rootfs
