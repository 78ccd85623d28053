#include "rootfs/kernels.hpp"

#include "tree/tree.hpp"

#include <algorithm>
#include <array>

namespace img::rootfs {
namespace {

using tree::Tree;

bool is_digit(char c) {
    return c >= '0' && c <= '9';
}

/// dpkg's order of a character outside a number: "~" before the end, letters before the rest.
int rank(std::string_view text) {
    if (text.empty() || is_digit(text[0])) {
        return 0;
    }
    const char c = text[0];
    if (c == '~') {
        return -1;
    }
    const bool letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
    return static_cast<unsigned char>(c) + (letter ? 0 : 256);
}

/// Takes a run of digits off the front, without its leading zeros.
std::string_view take_number(std::string_view& text) {
    const auto end = std::min(text.find_first_not_of("0123456789"), text.size());
    std::string_view number = text.substr(0, end);
    text.remove_prefix(end);
    number.remove_prefix(std::min(number.find_first_not_of('0'), number.size()));
    return number;
}

std::string find_initrd(const Tree& tree, const std::string& version) {
    // Debian; Fedora and dracut elsewhere; SUSE; MeeGo.
    const std::array<std::string, 4> candidates{
        "/boot/initrd.img-" + version, "/boot/initramfs-" + version + ".img",
        "/boot/initrd-" + version, "/boot/initrd-" + version + ".img"};
    const auto found =
        std::ranges::find_if(candidates, [&](const auto& path) { return tree.is_file(path); });
    return found == candidates.end() ? std::string() : *found;
}

}  // namespace

bool is_kernel_of(const Kernel& kernel, std::string_view package) {
    for (const std::string_view prefix : {"linux-image-", "kernel-"}) {
        if (package.starts_with(prefix)) {
            package.remove_prefix(prefix.size());
            break;
        }
    }
    if (package.empty()) {
        return false;
    }
    const std::string_view version = kernel.version;
    // "amd64" is the kind of 6.1.0-35-amd64, and not of 6.1.0-35-cloud-amd64.
    const auto kind = version.find_first_not_of("0123456789.-");
    return version == package ||
           (kind != std::string_view::npos && version.substr(kind) == package);
}

int compare_versions(std::string_view a, std::string_view b) {
    while (!a.empty() || !b.empty()) {
        while ((!a.empty() && !is_digit(a[0])) || (!b.empty() && !is_digit(b[0]))) {
            if (const int difference = rank(a) - rank(b); difference != 0) {
                return difference;
            }
            a.remove_prefix(a.empty() ? 0 : 1);
            b.remove_prefix(b.empty() ? 0 : 1);
        }
        const std::string_view left = take_number(a);
        const std::string_view right = take_number(b);
        if (left.size() != right.size()) {
            return left.size() < right.size() ? -1 : 1;
        }
        if (const int difference = left.compare(right); difference != 0) {
            return difference;
        }
    }
    return 0;
}

std::vector<Kernel> find_kernels(const Tree& tree) {
    std::vector<Kernel> kernels;
    for (const auto& name : tree.list("/boot")) {
        for (const std::string_view prefix : {"vmlinuz-", "vmlinux-"}) {
            const std::string path = "/boot/" + name;
            // What dpkg and a kernel's own `make install` leave beside the kernel is none.
            if (!name.starts_with(prefix) || name.size() == prefix.size() ||
                name.ends_with(".old") || name.ends_with(".hmac") ||
                name.find(".dpkg-") != std::string::npos || !tree.is_file(path)) {
                continue;
            }
            const std::string version = name.substr(prefix.size());
            kernels.push_back({.version = version,
                               .kernel_path = path,
                               .initrd_path = find_initrd(tree, version)});
        }
    }
    std::ranges::stable_sort(kernels, [](const Kernel& a, const Kernel& b) {
        return compare_versions(a.version, b.version) > 0;
    });
    return kernels;
}

}  // namespace img::rootfs
