// The menu of a disk, and which of the tree's kernels a menu starts first.
#pragma once

#include "base/result.hpp"
#include "boot/boot.hpp"
#include "engine/plan.hpp"
#include "rootfs/kernels.hpp"

#include <span>
#include <string>
#include <vector>

namespace img::engine {

struct MenuKernels {
    std::vector<rootfs::Kernel> kernels{};
    std::string warning{};  ///< A sentence; empty: none.
};

/// `found` is newest first, and stays so but for the kernel that `bootloader --default` names.
MenuKernels menu_kernels(const kickstart::Document& document, std::vector<rootfs::Kernel> found);

/// An entry for each kernel. `name` is the image's, `seed` as for menu_password_hash(); the plan
/// has a boot partition, and identify() comes first.
Result<boot::BootMenu> disk_menu(const Plan& plan,
                                 const std::string& name,
                                 const std::string& seed,
                                 std::span<const rootfs::Kernel> kernels);

}  // namespace img::engine
