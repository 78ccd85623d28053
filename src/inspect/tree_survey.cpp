#include "inspect/tree_survey.hpp"

#include "base/text.hpp"
#include "inspect/boot_menu_reader.hpp"
#include "inspect/linux_kernel.hpp"

#include <algorithm>
#include <array>
#include <cctype>
#include <fmt/format.h>
#include <functional>

namespace img::inspect {
namespace {

using filetree::FileTree;
using filetree::Node;
using filetree::NodeKind;

constexpr std::size_t kMenuMax = 1 << 20;
constexpr std::size_t kFilesMax = 256;  // kernels, initrds and menus of one tree

// Where distributions, live systems and boot loaders keep kernels; "" is the root, for a /boot of
// its own and for sticks.
constexpr std::array<std::string_view, 12> kKernelFolders = {"",
                                                             "boot",
                                                             "live",
                                                             "casper",
                                                             "LiveOS",
                                                             "isolinux",
                                                             "syslinux",
                                                             "boot/isolinux",
                                                             "boot/syslinux",
                                                             "boot/extlinux",
                                                             "images/pxeboot",
                                                             "boot/x86_64/loader"};

using MenuReader = std::vector<MenuEntry> (*)(std::string_view);
struct MenuFile {
    std::string_view path;
    MenuReader read;
};
constexpr std::array kMenuFiles = {
    MenuFile{"boot/grub/grub.cfg", read_grub_menu},
    MenuFile{"boot/grub2/grub.cfg", read_grub_menu},
    MenuFile{"grub/grub.cfg", read_grub_menu},
    MenuFile{"grub2/grub.cfg", read_grub_menu},
    MenuFile{"EFI/BOOT/grub.cfg", read_grub_menu},
    MenuFile{"EFI/debian/grub.cfg", read_grub_menu},
    MenuFile{"isolinux/isolinux.cfg", read_syslinux_menu},
    MenuFile{"isolinux/live.cfg", read_syslinux_menu},
    MenuFile{"boot/isolinux/isolinux.cfg", read_syslinux_menu},
    MenuFile{"isolinux.cfg", read_syslinux_menu},
    MenuFile{"syslinux.cfg", read_syslinux_menu},
    MenuFile{"syslinux/syslinux.cfg", read_syslinux_menu},
    MenuFile{"boot/syslinux/syslinux.cfg", read_syslinux_menu},
    MenuFile{"extlinux.conf", read_syslinux_menu},
    MenuFile{"extlinux/extlinux.conf", read_syslinux_menu},
    MenuFile{"boot/extlinux/extlinux.conf", read_syslinux_menu},
};
constexpr std::array<std::string_view, 2> kEntryFolders = {"loader/entries", "boot/loader/entries"};

// Programs that lie beside their menu.
struct LoaderFile {
    std::string_view path;
    std::string_view what;
    std::string_view firmware;
};
constexpr std::array kLoaderFiles = {
    LoaderFile{"isolinux/isolinux.bin", "ISOLINUX", "bios"},
    LoaderFile{"boot/isolinux/isolinux.bin", "ISOLINUX", "bios"},
    LoaderFile{"isolinux.bin", "ISOLINUX", "bios"},
    LoaderFile{"ldlinux.sys", "SYSLINUX", "bios"},
    LoaderFile{"syslinux/ldlinux.sys", "SYSLINUX", "bios"},
    LoaderFile{"boot/syslinux/ldlinux.sys", "SYSLINUX", "bios"},
    LoaderFile{"extlinux/ldlinux.sys", "EXTLINUX", "bios"},
    LoaderFile{"boot/extlinux/ldlinux.sys", "EXTLINUX", "bios"},
};
constexpr std::string_view kEfiFolder = "EFI/BOOT";

constexpr std::array<std::string_view, 4> kImageFolders = {"live", "casper", "LiveOS", "boot/grub"};
constexpr std::array<std::string_view, 4> kImageEndings = {".squashfs", ".img", ".sfs", ".erofs"};

std::string below(std::string_view folder, std::string_view name) {
    return folder.empty() ? std::string(name) : fmt::format("{}/{}", folder, name);
}

std::vector<Node> files_in(const FileTree& tree, std::string_view folder) {
    auto nodes = tree.list(std::string(folder)).value_or(std::vector<Node>());
    std::erase_if(nodes, [](const Node& node) { return node.kind != NodeKind::file; });
    return nodes;
}

std::string head_of(const FileTree& tree, const std::string& path, std::size_t bytes_max) {
    return tree.read(path, bytes_max).value_or(std::string());
}

void add_kernel(const FileTree& tree,
                const std::string& place,
                std::string path,
                std::uint64_t size_bytes,
                ImageDescription& image) {
    auto version = kernel_version(head_of(tree, path, kKernelHeadBytes));
    if (version.empty()) {
        version = version_in_name(path);
    }
    image.kernels.push_back({.place = place,
                             .path = std::move(path),
                             .version = std::move(version),
                             .size_bytes = size_bytes});
}

void survey_kernels(const FileTree& tree, const std::string& place, ImageDescription& image) {
    for (const auto folder : kKernelFolders) {
        for (const auto& node : files_in(tree, folder)) {
            auto path = below(folder, node.name);
            const bool full = image.kernels.size() + image.initrds.size() >= kFilesMax;
            if (!full && is_kernel_name(node.name)) {
                add_kernel(tree, place, std::move(path), node.size_bytes, image);
            } else if (!full && is_initrd_name(node.name)) {
                auto packing = packing_of(head_of(tree, path, kPackingHeadBytes));
                image.initrds.push_back({.place = place,
                                         .path = std::move(path),
                                         .version = version_in_name(node.name),
                                         .packing = std::move(packing),
                                         .size_bytes = node.size_bytes});
            }
        }
    }
}

void add_menu(std::vector<MenuEntry> entries,
              const std::string& place,
              std::string path,
              ImageDescription& image) {
    if (!entries.empty() && image.menus.size() < kFilesMax) {
        image.menus.push_back(
            {.place = place, .path = std::move(path), .entries = std::move(entries)});
    }
}

void survey_menus(const FileTree& tree, const std::string& place, ImageDescription& image) {
    for (const auto& menu : kMenuFiles) {
        std::string path(menu.path);
        auto entries = menu.read(head_of(tree, path, kMenuMax));
        add_menu(std::move(entries), place, std::move(path), image);
    }
    for (const auto folder : kEntryFolders) {
        for (const auto& node : files_in(tree, folder)) {
            auto path = below(folder, node.name);
            auto entries = read_loader_entry(head_of(tree, path, kMenuMax));
            add_menu(std::move(entries), place, std::move(path), image);
        }
    }
}

/// What an EFI program says it is, in the first MiB of it.
std::string efi_program(const FileTree& tree, const std::string& path) {
    const auto head = head_of(tree, path, kMenuMax);
    const auto says = [&head](std::string_view word) { return head.contains(word); };
    return says("systemd-boot")                                  ? "systemd-boot"
           : says("UEFI SHIM")                                   ? "shim"
           : says("GRUB") || says("grub_") || says("normal.mod") ? "GRUB"
                                                                 : "an EFI program";
}

bool ends_in_efi(std::string_view name) {
    return name.size() > 4 &&
           std::ranges::equal(name.substr(name.size() - 4), std::string_view(".efi"),
                              [](unsigned char a, char b) { return std::tolower(a) == b; });
}

void survey_loaders(const FileTree& tree, const std::string& place, ImageDescription& image) {
    for (const auto& file : kLoaderFiles) {
        if (tree.read(std::string(file.path), 1)) {
            image.boot_loaders.push_back({.what = std::string(file.what),
                                          .place = fmt::format("{} in {}", file.path, place),
                                          .firmware = std::string(file.firmware)});
        }
    }
    for (const auto& node : files_in(tree, kEfiFolder)) {
        if (ends_in_efi(node.name) && image.boot_loaders.size() < kFilesMax) {
            const auto path = below(kEfiFolder, node.name);
            image.boot_loaders.push_back({.what = efi_program(tree, path),
                                          .place = fmt::format("{} in {}", path, place),
                                          .firmware = "uefi"});
        }
    }
}

}  // namespace

void survey_tree(const FileTree& tree, const std::string& place, ImageDescription& image) {
    survey_loaders(tree, place, image);
    survey_kernels(tree, place, image);
    survey_menus(tree, place, image);
}

std::vector<std::string> images_in(const FileTree& tree) {
    constexpr std::size_t kImagesMax = 16;
    std::vector<std::string> found;
    for (const auto folder : kImageFolders) {
        for (const auto& node : files_in(tree, folder)) {
            const bool image = std::ranges::any_of(kImageEndings, [&](std::string_view ending) {
                return node.name.ends_with(ending);
            });
            if (image && !is_initrd_name(node.name) && found.size() < kImagesMax) {
                found.push_back(below(folder, node.name));
            }
        }
    }
    return found;
}

bool is_boot_file(std::string_view path) {
    const auto slash = path.rfind('/');
    const auto folder =
        slash == std::string_view::npos ? std::string_view() : path.substr(0, slash);
    const auto name = slash == std::string_view::npos ? path : path.substr(slash + 1);
    const auto is = [](const auto& list, std::string_view one, auto member) {
        return std::ranges::find(list, one, member) != list.end();
    };
    return (is(kKernelFolders, folder, std::identity{}) &&
            (is_kernel_name(name) || is_initrd_name(name))) ||
           is(kMenuFiles, path, &MenuFile::path) || is(kLoaderFiles, path, &LoaderFile::path) ||
           is(kEntryFolders, folder, std::identity{}) || folder == kEfiFolder;
}

}  // namespace img::inspect
