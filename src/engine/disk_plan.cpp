#include "engine/disk_plan.hpp"

#include "base/byte_size.hpp"
#include "base/text.hpp"
#include "engine/flash_plan.hpp"
#include "engine/named_disks.hpp"

#include <algorithm>
#include <array>
#include <fmt/format.h>

namespace img::engine {
namespace {

using disk::PartitionRole;
using volume::FileSystem;

// Room for GRUB's core, about 120 KiB with the modules of our menu; 1 MiB is what others give it.
constexpr std::uint64_t kBiosBootBytes = kMiB;
// FAT32 wants 65525 clusters, which is 33 MiB with the smallest; firmware updaters want some more.
constexpr std::uint64_t kEspBytes = 64 * kMiB;
// What Anaconda gives /boot, and a swap partition of unknown purpose: three kernels, some memory.
constexpr std::uint64_t kBootMib = 1024;
constexpr std::uint64_t kSwapMib = 1024;
constexpr unsigned kLiveTimeout = 10;  // seconds: whoever starts a live medium may want to choose
constexpr const char* kConsoles = "console=tty0 console=ttyS0,115200";

FileSystem file_system(const std::string& fstype) {
    if (fstype == "efi") {
        return FileSystem::vfat;
    }
    constexpr std::pair<std::string_view, FileSystem> kNames[] = {
        {"ext2", FileSystem::ext2}, {"ext3", FileSystem::ext3},   {"ext4", FileSystem::ext4},
        {"vfat", FileSystem::vfat}, {"btrfs", FileSystem::btrfs}, {"xfs", FileSystem::xfs},
        {"swap", FileSystem::swap}, {"ubifs", FileSystem::ubifs}, {"jffs2", FileSystem::jffs2},
    };
    for (const auto& [name, value] : kNames) {
        if (name == fstype) {
            return value;
        }
    }
    return FileSystem::ext4;
}

void set_role(PlannedPartition& planned, const kickstart::Partition& part) {
    auto& recipe = planned.recipe;
    if (part.mount_point == "biosboot" || part.fstype == "biosboot") {
        recipe.role = PartitionRole::bios_boot;
        return;
    }
    if (part.mount_point == "swap" || part.fstype == "swap") {
        recipe.role = PartitionRole::linux_swap;
        recipe.file_system = FileSystem::swap;
        return;
    }
    if (part.mount_point.empty() && part.fstype.empty()) {
        return;  // as mic has it: room on the disk, and nothing made of it
    }
    recipe.file_system = file_system(part.fstype);
    planned.mount_point = part.mount_point.starts_with('/') ? part.mount_point : "";
    if (part.fstype == "efi" || part.mount_point == "/boot/efi") {
        recipe.role = PartitionRole::efi_system;
        recipe.file_system = FileSystem::vfat;
    } else if (part.mount_point == "/") {
        recipe.role = PartitionRole::linux_root;
    }
}

PlannedPartition plan_partition(const kickstart::Partition& part) {
    PlannedPartition planned;
    set_role(planned, part);
    auto& recipe = planned.recipe;
    const auto size_mib = part.size_mib == 0 && part.recommended ? kSwapMib : part.size_mib;
    recipe.name = part.mount_point;
    recipe.size_bytes = size_mib * kMiB;
    recipe.grow = part.grow;
    recipe.max_size_bytes = part.max_size_mib.value_or(0) * kMiB;
    recipe.align_bytes = part.align_kib.value_or(0) * kKiB;
    recipe.label = part.label;
    recipe.fs_uuid = part.uuid;
    recipe.type_guid = part.part_type;
    recipe.legacy_boot = part.active;
    recipe.primary = part.primary;
    recipe.mkfs_options = split(part.mkfsoptions, " \t");
    planned.mount_options = part.fsoptions;
    planned.origin = fmt::format("{}:{}", part.where.file, part.where.line);
    planned.where = part.where;
    return planned;
}

bool has_role(const Plan& plan, PartitionRole role) {
    return std::ranges::any_of(plan.partitions,
                               [&](const auto& part) { return part.recipe.role == role; });
}

bool has_mount_point(const Plan& plan, std::string_view path) {
    return std::ranges::find(plan.partitions, path, &PlannedPartition::mount_point) !=
           plan.partitions.end();
}

void add_in_front(Plan& plan, PlannedPartition part) {
    plan.partitions.insert(plan.partitions.begin(), std::move(part));
}

/// What `autopart` and `reqpart --add-boot` ask for, and a root where nobody said one.
void add_unsaid(Plan& plan) {
    const auto& document = plan.document;
    if (!has_mount_point(plan, "/")) {
        kickstart::Partition root;
        root.mount_point = "/";
        root.fstype = document.autopart ? document.autopart->fstype : "";
        root.grow = true;
        plan.partitions.push_back(plan_partition(root));
        plan.partitions.back().origin.clear();
    }
    if (document.reqpart && document.reqpart->add_boot && !has_mount_point(plan, "/boot")) {
        kickstart::Partition boot;
        boot.mount_point = "/boot";
        boot.size_mib = kBootMib;
        const std::size_t disk = plan.partitions[partition_of(plan, "/")].disk;
        add_in_front(plan, plan_partition(boot));
        plan.partitions.front().origin.clear();
        plan.partitions.front().disk = disk;
    }
}

/// One tree holds everything: what would be mounted in it is a folder. What the kickstart makes of
/// "/" on a disk counts only if the type makes the same of it.
void keep_root(Plan& plan) {
    std::erase_if(plan.partitions, [](const auto& part) { return part.mount_point != "/"; });
    auto& root = plan.partitions.front().recipe;
    if (root.file_system != plan.type.file_system) {
        root.mkfs_options.clear();
        root.fs_uuid.clear();
    }
    root.file_system = plan.type.file_system;
}

/// A volume is a file system by itself; there is none for swap space.
void leave_swap_out(Plan& plan) {
    std::erase_if(plan.partitions,
                  [](const auto& part) { return part.recipe.role == PartitionRole::linux_swap; });
}

/// Both ways to boot, in front of what the kickstart asks for; on an msdos disk a BIOS needs no
/// partition, and none is added for UEFI beside it: there are few primary ones.
void add_boot_partitions(Plan& plan, std::size_t disk, bool bios) {
    const bool gpt = plan.disks[disk].table == disk::PartitionTable::gpt;
    plan.disks[disk].boots_from_gap = bios && !gpt;
    if ((gpt || !bios) && !has_role(plan, PartitionRole::efi_system)) {
        PlannedPartition esp;
        esp.recipe.role = PartitionRole::efi_system;
        esp.recipe.file_system = FileSystem::vfat;
        esp.recipe.name = "EFI";
        esp.recipe.size_bytes = kEspBytes;
        esp.recipe.label = "EFI";
        esp.disk = disk;
        add_in_front(plan, std::move(esp));
    }
    if (bios && gpt && !has_role(plan, PartitionRole::bios_boot)) {
        PlannedPartition core;
        core.recipe.role = PartitionRole::bios_boot;
        core.recipe.name = "BIOS boot";
        core.recipe.size_bytes = kBiosBootBytes;
        core.disk = disk;
        add_in_front(plan, std::move(core));
    }
}

bool has_plugin(const kickstart::Document& document, std::string_view name) {
    return std::ranges::any_of(document.installer_plugins, [&](const auto& plugin) {
        return plugin == name || plugin == "all";
    });
}

/// On the disk that holds /boot, where one is wanted.
void plan_boot_loader(Plan& plan) {
    const auto bootloader = plan.document.bootloader.value_or(kickstart::Bootloader{});
    if (plan.type.layout != image::Layout::disks || bootloader.location == "none" ||
        has_plugin(plan.document, "bootloader")) {
        return;
    }
    const std::size_t disk = plan.partitions[partition_of(plan, "/boot")].disk;
    add_boot_partitions(plan, disk, !bootloader.no_mbr);
    plan.boot_partition = partition_of(plan, "/boot");
}

}  // namespace

void plan_disk(Plan& plan, const BuildRequest& request, syntax::Reporter& report) {
    const auto& document = plan.document;
    plan_named_disks(plan, request);
    for (const auto& part : document.partitions) {
        plan.partitions.push_back(plan_partition(part));
        plan.partitions.back().disk = disk_of(plan, part);
    }
    add_unsaid(plan);
    plan.writes_fstab = !has_plugin(document, "fstab");

    const auto bootloader = document.bootloader.value_or(kickstart::Bootloader{});
    const std::string& append = bootloader.append;
    plan.kernel_arguments = append.contains("console=") ? append
                            : append.empty()            ? kConsoles
                                                        : fmt::format("{} {}", kConsoles, append);
    plan.menu_timeout =
        bootloader.timeout.value_or(plan.type.live ? kLiveTimeout : plan.menu_timeout);
    if (plan.type.layout == image::Layout::tree) {
        keep_root(plan);
    } else if (plan.type.layout == image::Layout::volumes) {
        leave_swap_out(plan);
    }
    plan_flash(plan, request.kickstart_name, report);
    plan_boot_loader(plan);
    check_named_disks(plan, report);
}

}  // namespace img::engine
