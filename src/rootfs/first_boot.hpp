// Whether the system asks its questions at the first start.
#pragma once

#include "base/result.hpp"
#include "kickstart/document.hpp"
#include "system/process_runner.hpp"

namespace img::tree {
class Tree;
}

namespace img::rootfs {

/// initial-setup or firstboot where the tree has one, else systemd-firstboot, which asks on the
/// console for what is not set. Gives back what is to be enabled and disabled. The log tells
/// where nothing could ask.
Result<kickstart::Services> set_first_boot(const tree::Tree& tree,
                                           const kickstart::FirstBoot& first_boot,
                                           const system::LineSink& log);

}  // namespace img::rootfs
