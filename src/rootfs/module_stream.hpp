// The streams of modules that the image's dnf keeps to: /etc/dnf/modules.d.
#pragma once

#include "base/result.hpp"
#include "kickstart/document.hpp"
#include "system/process_runner.hpp"

#include <string>
#include <vector>

namespace img::tree {
class Tree;
}

namespace img::rootfs {

/// dnf's own file of a module. Pure; `module` has been checked.
std::string module_file(const kickstart::Module& module);

/// Fault::invalid: a name or a stream that is none. The log tells that a Debian tree has no dnf.
Result<void> set_modules(const tree::Tree& tree,
                         const std::vector<kickstart::Module>& modules,
                         const system::LineSink& log);

}  // namespace img::rootfs
