// `%certificate`: files for the tree, and the bundle of all that it trusts.
#pragma once

#include "base/result.hpp"
#include "kickstart/document.hpp"
#include "system/command.hpp"

#include <vector>

namespace img::tree {
class Tree;
}

namespace img::rootfs {

/// Writes each into its folder; where that is one from which the tree's own tool makes its bundle
/// of trusted certificates, the tool is run. Fault::invalid: a name or a folder that is none.
Result<void> write_certificates(system::CommandRunner& runner,
                                const tree::Tree& tree,
                                std::vector<kickstart::Certificate> certificates);

}  // namespace img::rootfs
