// The kernels that a tree has in /boot, each with its initial RAM disk.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace img::tree {
class Tree;
}

namespace img::rootfs {

struct Kernel {
    std::string version;      ///< "6.1.0-35-cloud-amd64"
    std::string kernel_path;  ///< "/boot/vmlinuz-6.1.0-35-cloud-amd64"
    std::string initrd_path;  ///< Empty: none was made.

    bool operator==(const Kernel&) const = default;
};

/// Newest first. Look after the last script: it may have added a kernel or made an initrd anew.
std::vector<Kernel> find_kernels(const tree::Tree& tree);

/// Whether a package of this name brings the kernel: "linux-image-6.1.0-35-amd64", or one that
/// depends on the newest of a kind, "linux-image-amd64", "kernel-netbook".
bool is_kernel_of(const Kernel& kernel, std::string_view package);

/// Below, at or above 0 as `a` is older than, as new as, or newer than `b`. The order of dpkg
/// (Debian policy, 5.6.12): 6.1.0-10 is newer than 6.1.0-9, and 6.2~rc1 older than 6.2.
int compare_versions(std::string_view a, std::string_view b);

}  // namespace img::rootfs
