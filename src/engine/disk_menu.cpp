#include "engine/disk_menu.hpp"

#include "engine/live_menu.hpp"

#include <algorithm>
#include <fmt/format.h>

namespace img::engine {

MenuKernels menu_kernels(const kickstart::Document& document, std::vector<rootfs::Kernel> found) {
    MenuKernels menu{.kernels = std::move(found)};
    const auto& bootloader = document.bootloader;
    if (!bootloader || bootloader->default_kernel.empty()) {
        return menu;
    }
    const auto chosen = std::ranges::find_if(menu.kernels, [&](const rootfs::Kernel& kernel) {
        return rootfs::is_kernel_of(kernel, bootloader->default_kernel);
    });
    if (chosen == menu.kernels.end()) {
        menu.warning = fmt::format(
            "bootloader --default={}: no kernel of that package is in /boot; the newest is started",
            bootloader->default_kernel);
        return menu;
    }
    std::rotate(menu.kernels.begin(), chosen, chosen + 1);
    return menu;
}

Result<boot::BootMenu> disk_menu(const Plan& plan,
                                 const std::string& name,
                                 const std::string& seed,
                                 std::span<const rootfs::Kernel> kernels) {
    const auto& boot = plan.partitions[*plan.boot_partition];
    const std::string prefix = boot.mount_point == "/" ? "" : boot.mount_point;
    const auto& root = plan.partitions[partition_of(plan, "/")];
    boot::BootMenu menu;
    menu.timeout = plan.menu_timeout;
    menu.password_hash = TRY(menu_password_hash(plan.document, seed));
    for (const auto& kernel : kernels) {
        menu.entries.push_back(
            {.title = fmt::format("{} ({})", name, kernel.version),
             .kernel = kernel.kernel_path.substr(prefix.size()),
             .initrd = kernel.initrd_path.empty() ? "" : kernel.initrd_path.substr(prefix.size()),
             .arguments =
                 fmt::format("root=UUID={} ro {}", root.recipe.fs_uuid, plan.kernel_arguments)});
    }
    return menu;
}

}  // namespace img::engine
