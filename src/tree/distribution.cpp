#include "tree/distribution.hpp"

#include "tree/tree.hpp"

namespace img::tree {

bool is_rpm_tree(const Tree& tree) {
    if (tree.exists("/etc/debian_version") || tree.exists("/var/lib/dpkg/status")) {
        return false;
    }
    return tree.exists("/usr/lib/rpm") || tree.exists("/var/lib/rpm") ||
           tree.exists("/usr/lib/sysimage/rpm") || tree.exists("/etc/redhat-release") ||
           tree.exists("/etc/sysconfig");
}

bool has_systemd(const Tree& tree) {
    return tree.exists("/lib/systemd/systemd") || tree.exists("/usr/lib/systemd/systemd") ||
           tree.is_program("/bin/systemctl") || tree.is_program("/usr/bin/systemctl");
}

}  // namespace img::tree
