// MeeGo's `desktop`: which display manager starts, and whom it logs in by itself.
#pragma once

#include "base/result.hpp"
#include "kickstart/document.hpp"
#include "system/process_runner.hpp"

namespace img::tree {
class Tree;
}

namespace img::rootfs {

/// Every display manager of the tree is told: gdm, lightdm, sddm, MeeGo's uxlaunch; RPM trees keep
/// it in /etc/sysconfig/desktop too. Fault::invalid: no such user, with the nearest; no such
/// display manager; a text that is none.
Result<void> set_desktop(const tree::Tree& tree,
                         const kickstart::Desktop& desktop,
                         const system::LineSink& log);

}  // namespace img::rootfs
