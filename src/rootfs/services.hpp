// Which services start at boot.
#pragma once

#include "base/result.hpp"
#include "kickstart/document.hpp"
#include "system/process_runner.hpp"

#include <string>
#include <string_view>
#include <vector>

namespace img::rootfs {

class Tree;

/// "ssh" is ssh.service; a word with a unit's suffix stays as it is.
std::string unit_name(std::string_view service);

/// Whether systemd would find the unit in the tree: the file itself, its template, or an init
/// script of its name.
bool has_unit(const Tree& tree, std::string_view unit);

/// Runs the tree's own systemctl; without systemd its chkconfig or update-rc.d. Fault::invalid: a
/// service to be enabled is not in the image; one to be disabled that is not there is a line in the
/// log.
Result<void> set_services(system::CommandRunner& runner,
                          const Tree& tree,
                          const kickstart::Services& services,
                          const system::LineSink& log);

}  // namespace img::rootfs
