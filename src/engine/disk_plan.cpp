#include "engine/disk_plan.hpp"

#include "base/byte_size.hpp"
#include "base/text.hpp"
#include "engine/flash_plan.hpp"

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
    recipe.mkfs_options = split(part.mkfsoptions, " \t");
    planned.mount_options = part.fsoptions;
    planned.origin = fmt::format("{}:{}", part.where.file, part.where.line);
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
        add_in_front(plan, plan_partition(boot));
        plan.partitions.front().origin.clear();
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

/// Both ways to boot, in front of what the kickstart asks for.
void add_boot_partitions(Plan& plan, bool bios) {
    if (!has_role(plan, PartitionRole::efi_system)) {
        PlannedPartition esp;
        esp.recipe.role = PartitionRole::efi_system;
        esp.recipe.file_system = FileSystem::vfat;
        esp.recipe.name = "EFI";
        esp.recipe.size_bytes = kEspBytes;
        esp.recipe.label = "EFI";
        add_in_front(plan, std::move(esp));
    }
    if (bios && !has_role(plan, PartitionRole::bios_boot)) {
        PlannedPartition core;
        core.recipe.role = PartitionRole::bios_boot;
        core.recipe.name = "BIOS boot";
        core.recipe.size_bytes = kBiosBootBytes;
        add_in_front(plan, std::move(core));
    }
}

/// Partitions of one disk, with a GPT.
void check_disk(const kickstart::Document& document, kickstart::Reporter& report) {
    std::string first;
    for (const auto& part : document.partitions) {
        if (first.empty()) {
            first = part.disk;
        } else if (!part.disk.empty() && part.disk != first) {
            report.refuse(part.where,
                          "a second disk, '{}': this version makes images of one disk; give all "
                          "partitions the same --ondisk",
                          part.disk);
            break;
        }
    }
    constexpr const char* kOnlyGpt =
        "{}=msdos: this version makes GPT disks only; leave it out, they boot on BIOS too";
    if (document.bootloader && document.bootloader->ptable == "msdos") {
        report.refuse(document.bootloader->where, kOnlyGpt, "--ptable");
    }
    if (document.clearpart && document.clearpart->ptable == "msdos") {
        report.refuse(document.clearpart->where, kOnlyGpt, "--disklabel");
    }
}

bool has_plugin(const kickstart::Document& document, std::string_view name) {
    return std::ranges::any_of(document.installer_plugins, [&](const auto& plugin) {
        return plugin == name || plugin == "all";
    });
}

}  // namespace

void plan_disk(Plan& plan, const BuildRequest& request, kickstart::Reporter& report) {
    const auto& document = plan.document;
    check_disk(document, report);
    for (const auto& part : document.partitions) {
        plan.partitions.push_back(plan_partition(part));
    }
    add_unsaid(plan);
    plan.disks.push_back(
        {.name = document.partitions.empty() ? "" : document.partitions.front().disk,
         .size_bytes = request.disk_bytes});
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
    if (plan.type.layout != image::Layout::disks || bootloader.location == "none" ||
        has_plugin(document, "bootloader")) {
        return;
    }
    add_boot_partitions(plan, !bootloader.no_mbr);
    plan.boot_partition = partition_of(plan, "/boot");
}

}  // namespace img::engine
