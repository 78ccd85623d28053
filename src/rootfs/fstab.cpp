#include "rootfs/fstab.hpp"

#include "tree/tree.hpp"

#include <algorithm>
#include <fmt/format.h>
#include <vector>

namespace img::rootfs {
namespace {

using tree::Tree;

/// fstab(5): a blank, a tab, a backslash and a line end are written in octal.
std::string escaped(std::string_view field) {
    std::string text;
    for (const char c : field) {
        if (c == ' ' || c == '\t' || c == '\n' || c == '\\') {
            text += fmt::format("\\{:03o}", static_cast<unsigned>(c));
        } else {
            text += c;
        }
    }
    return text.empty() ? "none" : text;
}

}  // namespace

std::string fstab_file(std::span<const FstabEntry> entries) {
    std::vector<FstabEntry> sorted(entries.begin(), entries.end());
    // "/" sorts before "/home", and that before "/home/anna"; swap ("none") has no place and goes
    // last.
    std::ranges::stable_sort(sorted, {}, [](const FstabEntry& entry) {
        return std::pair(!entry.mount_point.starts_with('/'), entry.mount_point);
    });
    std::string text = "# <file system> <mount point> <type> <options> <dump> <pass>\n";
    for (const auto& entry : sorted) {
        text += fmt::format("{:<41} {:<15} {:<5} {} {} {}\n", escaped(entry.spec),
                            escaped(entry.mount_point), escaped(entry.type), escaped(entry.options),
                            entry.dump, entry.pass);
    }
    return text;
}

Result<void> write_fstab(const Tree& tree, std::span<const FstabEntry> entries) {
    return tree.write("/etc/fstab", fstab_file(entries));
}

}  // namespace img::rootfs
