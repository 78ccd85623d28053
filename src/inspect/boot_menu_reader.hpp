// Menus of boot loaders, read far enough to say what each entry starts.
#pragma once

#include "inspect/image_description.hpp"

#include <string_view>
#include <vector>

namespace img::inspect {

/// Entries beyond this are left out of a description.
constexpr std::size_t kMenuEntriesMax = 256;

/// grub.cfg: the menuentry blocks, those in submenus too; its language is not carried out.
std::vector<MenuEntry> read_grub_menu(std::string_view text);

/// isolinux.cfg, syslinux.cfg, extlinux.conf: the label blocks.
std::vector<MenuEntry> read_syslinux_menu(std::string_view text);

/// loader/entries/NAME.conf of the Boot Loader Specification: one entry a file; empty: none.
std::vector<MenuEntry> read_loader_entry(std::string_view text);

}  // namespace img::inspect
