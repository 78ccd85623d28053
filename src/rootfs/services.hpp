// Which services start at boot.
#pragma once

#include "base/result.hpp"
#include "kickstart/document.hpp"
#include "system/process_runner.hpp"

namespace img::tree {
class Tree;
}

namespace img::rootfs {

/// Runs the tree's own systemctl; without systemd its chkconfig or update-rc.d. Fault::invalid: a
/// service to be enabled is not in the image; one to be disabled that is not there is a line in the
/// log.
Result<void> set_services(system::CommandRunner& runner,
                          const tree::Tree& tree,
                          const kickstart::Services& services,
                          const system::LineSink& log);

}  // namespace img::rootfs
