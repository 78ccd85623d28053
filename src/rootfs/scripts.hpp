// Runs a kickstart's %post scripts, in the tree or beside it.
#pragma once

#include "base/result.hpp"
#include "kickstart/document.hpp"
#include "system/process_runner.hpp"

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

namespace img::rootfs {

class Tree;

struct ScriptSettings {
    std::string image_name;         ///< IMG_NAME of a --nochroot script.
    std::filesystem::path scratch;  ///< A folder of the build's own, outside the tree.
    std::int64_t epoch = 0;         ///< SOURCE_DATE_EPOCH, for the tools that a script calls.
    std::chrono::seconds timeout{3600};
};

/// A script's environment holds only what the original's did, PATH and for --nochroot INSTALL_ROOT
/// and IMG_NAME, and SOURCE_DATE_EPOCH. Pure.
system::Command script_command(const Tree& tree,
                               const kickstart::Script& script,
                               const std::filesystem::path& file,
                               const ScriptSettings& settings);

/// The %post scripts in the order of the text. One that fails is a warning in the log, or with
/// --erroronfail the end: Fault::broken, "%post (demo.ks:40): exit 3" and its last lines.
Result<void> run_post_scripts(system::CommandRunner& runner,
                              const Tree& tree,
                              const std::vector<kickstart::Script>& scripts,
                              const ScriptSettings& settings,
                              const system::LineSink& log);

}  // namespace img::rootfs
