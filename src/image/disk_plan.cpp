#include "image/disk_plan.hpp"

#include "disk/gpt.hpp"
#include "disk/mbr.hpp"
#include "system/files.hpp"
#include "volume/make_volume.hpp"

#include <algorithm>
#include <fmt/format.h>

namespace img::image {
namespace {

Result<volume::Volume> volume_for(const disk::PartitionRecipe& partition,
                                  const disk::PartitionSpan& span,
                                  std::int64_t epoch) {
    volume::Volume volume{.kind = partition.file_system,
                          .name = partition.name,
                          .size_bytes = span.size_bytes(),
                          .label = partition.label,
                          .uuid = partition.fs_uuid,
                          .epoch = epoch,
                          .options = partition.mkfs_options,
                          .sector_bytes = span.sector_bytes};
    if (!partition.content.empty()) {
        volume.content = TRY(system::absolute(partition.content));
    }
    return volume;
}

std::optional<disk::PartitionSpan> bios_core(const disk::DiskRecipe& recipe,
                                             const disk::DiskLayout& layout) {
    if (recipe.table == disk::PartitionTable::msdos) {
        const auto first =
            std::ranges::min_element(layout.partitions, {}, &disk::PartitionSpan::start);
        const disk::PartitionSpan gap{.start = 1, .count = first->start - 1};
        return recipe.boots_from_gap ? std::optional(gap) : std::nullopt;
    }
    for (std::size_t i = 0; i < recipe.partitions.size(); ++i) {
        if (recipe.partitions[i].role == disk::PartitionRole::bios_boot) {
            return layout.partitions[i];
        }
    }
    return {};
}

bool has_place_for_efi(const disk::DiskRecipe& recipe) {
    return std::ranges::any_of(recipe.partitions, [](const disk::PartitionRecipe& partition) {
        return partition.role == disk::PartitionRole::efi_system &&
               partition.file_system == volume::FileSystem::vfat;
    });
}

Result<void> check_boot_partition(const disk::DiskRecipe& recipe) {
    const std::size_t index = *recipe.boot_partition;
    if (index >= recipe.partitions.size()) {
        return fail(Fault::invalid, fmt::format("the boot partition is number {} of {}", index + 1,
                                                recipe.partitions.size()));
    }
    const disk::PartitionRecipe& boot = recipe.partitions[index];
    if (boot.file_system == volume::FileSystem::none ||
        boot.file_system == volume::FileSystem::swap) {
        return fail(Fault::invalid,
                    fmt::format("partition {} holds no file system to boot from", boot.name));
    }
    return {};
}

Result<void> check_loader(const disk::DiskRecipe& recipe, const DiskPlan& plan) {
    if (plan.bios_core && recipe.sector_bytes != disk::kSectorBytes) {
        return fail(Fault::invalid,
                    fmt::format("a BIOS reads sectors of 512 bytes, and the disk has sectors of "
                                "{}: leave out what a BIOS boots from, and have an EFI system "
                                "partition",
                                recipe.sector_bytes));
    }
    if (!plan.bios_core && !has_place_for_efi(recipe)) {
        return fail(Fault::invalid,
                    "no place for a boot loader: add a BIOS boot partition of 1 MiB (gpt), an EFI "
                    "system partition with vfat, or both");
    }
    return {};
}

Result<void> check_types(const disk::DiskRecipe& recipe) {
    if (recipe.table == disk::PartitionTable::msdos) {
        return disk::check_msdos(recipe);
    }
    for (const disk::PartitionRecipe& partition : recipe.partitions) {
        TRY(disk::partition_type(partition));
    }
    return {};
}

/// `grown`: the partitions have the sizes that their content wants.
Result<DiskPlan> plan_disk(const disk::DiskRecipe& recipe, bool grown) {
    DiskPlan plan{.layout = TRY(disk::lay_out(recipe))};
    TRY(check_types(recipe));
    for (std::size_t i = 0; i < recipe.partitions.size(); ++i) {
        plan.volumes.push_back(
            TRY(volume_for(recipe.partitions[i], plan.layout.partitions[i], recipe.epoch)));
        if (grown || !recipe.partitions[i].grow) {
            TRY(volume::check_volume(plan.volumes.back()));
        }
    }
    if (recipe.boot_partition) {
        TRY(check_boot_partition(recipe));
        plan.bios_core = bios_core(recipe, plan.layout);
        TRY(check_loader(recipe, plan));
    }
    return plan;
}

}  // namespace

Result<DiskPlan> plan_disk(const disk::DiskRecipe& recipe) {
    return plan_disk(recipe, true);
}

Result<disk::DiskLayout> check_disk(const disk::DiskRecipe& recipe) {
    return TRY(plan_disk(recipe, false)).layout;
}

}  // namespace img::image
