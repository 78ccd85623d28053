// Takes out of a tree what has to differ between two machines that start from one image.
#pragma once

#include "base/result.hpp"
#include "system/process_runner.hpp"

namespace img::tree {
class Tree;
}

namespace img::rootfs {

/// The last thing done to a tree, after every script: an empty /etc/machine-id, which the first
/// boot fills; no random seed; no SSH host keys, which all copies of the image would share, and a
/// unit that makes the machine's own before the SSH server starts.
Result<void> forget_identity(const tree::Tree& tree, const system::LineSink& log);

}  // namespace img::rootfs
