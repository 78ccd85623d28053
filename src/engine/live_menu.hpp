// The menu of a live medium: what `bootloader` says of it, for every kernel of the tree.
#pragma once

#include "base/result.hpp"
#include "boot/boot.hpp"
#include "engine/plan.hpp"
#include "rootfs/kernels.hpp"
#include "syntax/reporter.hpp"

#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace img::engine {

/// An entry of `bootloader --menus`, beside the one that just starts the system.
struct MenuWish {
    std::string title;
    std::string arguments;  ///< For the kernel, before what --append says.

    bool operator==(const MenuWish&) const = default;
};

/// Both forms of --menus: "short:long:extra;…", whose long word is the title and whose extra words
/// go to the kernel, and MeeGo's key words "bootinstall autoinst basic netinst verify" ("liveinst"
/// is bootinstall). A check of the medium is in every menu, so verify adds nothing. Fault::invalid:
/// neither.
Result<std::vector<MenuWish>> parse_menus(std::string_view menus);

/// Refuses what parse_menus() does not know; notes where no menu of ours comes of it.
void check_menus(const Plan& plan, syntax::Reporter& report);

/// For each kernel: the system, the entries of --menus, the check of the medium. `name` is the
/// image's, `seed` as for menu_password_hash().
Result<boot::BootMenu> live_menu(const Plan& plan,
                                 const std::string& name,
                                 const std::string& seed,
                                 std::span<const rootfs::Kernel> kernels);

/// `bootloader --password` as grub.cfg holds it, its salt derived from `seed`; empty: none is said.
Result<std::string> menu_password_hash(const kickstart::Document& document,
                                       const std::string& seed);

}  // namespace img::engine
