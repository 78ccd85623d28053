// What kind of system a tree holds, told by what lies in it.
#pragma once

namespace img::tree {

class Tree;

/// Whether the tree follows the customs of Fedora, EL, MeeGo and their heirs. Debian's own marks
/// come first: a Debian system may have the package rpm. A tree without any mark is no RPM tree.
bool is_rpm_tree(const Tree& tree);

bool has_systemd(const Tree& tree);

}  // namespace img::tree
