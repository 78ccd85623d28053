// Who may log in and how, by the tree's own authselect.
#pragma once

#include "base/result.hpp"
#include "kickstart/document.hpp"
#include "system/process_runner.hpp"

namespace img::tree {
class Tree;
}

namespace img::rootfs {

/// The log tells where the image has no authselect, as no Debian has.
/// Fault::broken: it ended with an error, told as the line's.
Result<void> run_authselect(system::CommandRunner& runner,
                            const tree::Tree& tree,
                            const kickstart::Authselect& authselect,
                            const system::LineSink& log);

}  // namespace img::rootfs
