// SELinux: /etc/selinux/config, and a first boot that labels all files.
#pragma once

#include "base/result.hpp"
#include "kickstart/document.hpp"
#include "system/process_runner.hpp"

namespace img::tree {
class Tree;
}

namespace img::rootfs {

/// Fault::invalid: a mode that needs a policy where the image has none, with its packages; a tree
/// without SELinux is disabled as it is.
Result<void> set_selinux(const tree::Tree& tree,
                         const kickstart::Selinux& selinux,
                         const system::LineSink& log);

}  // namespace img::rootfs
