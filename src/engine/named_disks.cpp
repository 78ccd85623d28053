#include "engine/named_disks.hpp"

#include "disk/mbr.hpp"
#include "engine/image_recipe.hpp"

#include <algorithm>
#include <fmt/format.h>

namespace img::engine {
namespace {

using disk::PartitionRole;
using disk::PartitionTable;

/// Who says which table the disks get, and where.
struct SaidTable {
    PartitionTable table = PartitionTable::gpt;
    kickstart::Location where;
};

SaidTable said_table(const kickstart::Document& document) {
    const auto said = [](const auto& command) {
        return SaidTable{
            .table = command.ptable == "msdos" ? PartitionTable::msdos : PartitionTable::gpt,
            .where = command.where};
    };
    if (document.bootloader && !document.bootloader->ptable.empty()) {
        return said(*document.bootloader);
    }
    if (document.clearpart && !document.clearpart->ptable.empty()) {
        return said(*document.clearpart);
    }
    return {};
}

/// A partition by itself.
Result<void> check_partition(const Plan& plan, const PlannedPartition& part) {
    if (plan.disks[part.disk].table == PartitionTable::msdos) {
        disk::DiskRecipe alone;
        alone.partitions.push_back(part.recipe);
        TRY(disk::check_msdos(alone));
    }
    const bool firmware = part.recipe.role == PartitionRole::efi_system ||
                          part.recipe.role == PartitionRole::bios_boot;
    if (firmware && plan.boot_partition &&
        part.disk != plan.partitions[*plan.boot_partition].disk) {
        return fail(Fault::invalid,
                    fmt::format("partition {} is on another disk than /boot, where the boot loader "
                                "lies: give them the same --ondisk",
                                part.recipe.name));
    }
    return {};
}

/// A disk as a whole, whose partitions are good by themselves.
Result<void> check_disk(const Plan& plan, std::size_t number) {
    const disk::DiskRecipe recipe = disk_recipe(plan, number);
    TRY(disk::partition_numbers(recipe));
    if (recipe.table == PartitionTable::msdos) {
        TRY(disk::check_msdos(recipe));
    }
    return {};
}

bool has_efi_system(const Plan& plan) {
    return std::ranges::any_of(plan.partitions, [](const PlannedPartition& part) {
        return part.recipe.role == PartitionRole::efi_system;
    });
}

}  // namespace

void plan_named_disks(Plan& plan, const BuildRequest& request) {
    if (plan.type.layout != image::Layout::disks) {
        plan.disks.push_back({.size_bytes = request.disk_bytes});
        return;
    }
    const PartitionTable table = said_table(plan.document).table;
    for (const auto& part : plan.document.partitions) {
        if (!part.disk.empty() &&
            std::ranges::find(plan.disks, part.disk, &PlannedDisk::name) == plan.disks.end()) {
            plan.disks.push_back({.name = part.disk, .table = table});
        }
    }
    if (plan.disks.empty()) {
        plan.disks.push_back({.table = table});
    }
    plan.disks.front().size_bytes = request.disk_bytes;
}

std::size_t disk_of(const Plan& plan, const kickstart::Partition& part) {
    const auto named = std::ranges::find(plan.disks, part.disk, &PlannedDisk::name);
    return named == plan.disks.end() ? 0 : static_cast<std::size_t>(named - plan.disks.begin());
}

void check_named_disks(const Plan& plan, syntax::Reporter& report) {
    bool good = true;
    for (const PlannedPartition& part : plan.partitions) {
        if (const auto held = check_partition(plan, part); !held) {
            report.refuse(part.where, "{}", held.error().message);
            good = false;
        }
    }
    const SaidTable said = said_table(plan.document);
    for (std::size_t i = 0; good && i < plan.disks.size(); ++i) {
        if (const auto held = check_disk(plan, i); !held) {
            report.refuse(said.where, "{}", held.error().message);
        }
    }
    if (said.table == PartitionTable::msdos && plan.boot_partition && !has_efi_system(plan)) {
        report.note(said.where,
                    "an msdos disk starts on a BIOS only; for UEFI too, add part /boot/efi "
                    "--fstype=efi --size=64");
    }
}

}  // namespace img::engine
