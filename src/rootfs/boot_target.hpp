// Whether the image boots into a graphical session or to a console.
#pragma once

#include "base/result.hpp"
#include "kickstart/document.hpp"
#include "system/process_runner.hpp"

#include <string>
#include <string_view>

namespace img::tree {
class Tree;
}

namespace img::rootfs {

/// An inittab with another runlevel at boot: 5 is graphical on the systems that have one. Pure.
std::string with_runlevel(std::string_view inittab, unsigned level);

/// xconfig --startxonboot and skipx: the link of systemd's default.target, or the line of
/// /etc/inittab; --defaultdesktop in /etc/sysconfig/desktop on RPM trees, as the session that X
/// starts on Debian. Fault::invalid: what is no name of a desktop.
Result<void> set_boot_target(system::CommandRunner& runner,
                             const tree::Tree& tree,
                             const kickstart::XConfig& xconfig,
                             const system::LineSink& log);

}  // namespace img::rootfs
