#include "image/disk_plan.hpp"

#include "disk/gpt.hpp"
#include "volume/make_volume.hpp"

#include <algorithm>
#include <fmt/format.h>

namespace img::image {
namespace {

volume::Volume volume_for(const disk::PartitionRecipe& partition,
                          std::uint64_t size_bytes,
                          std::int64_t epoch) {
    return {.kind = partition.file_system,
            .name = partition.name,
            .size_bytes = size_bytes,
            .label = partition.label,
            .uuid = partition.fs_uuid,
            .epoch = epoch,
            .options = partition.mkfs_options,
            .content = partition.content.empty() ? partition.content
                                                 : std::filesystem::absolute(partition.content)};
}

Result<void> check_boot(const disk::DiskRecipe& recipe) {
    if (!recipe.boot_partition) {
        return {};
    }
    if (*recipe.boot_partition >= recipe.partitions.size()) {
        return fail(Fault::invalid,
                    fmt::format("the boot partition is number {} of {}", *recipe.boot_partition + 1,
                                recipe.partitions.size()));
    }
    const disk::PartitionRecipe& boot = recipe.partitions[*recipe.boot_partition];
    if (boot.file_system == volume::FileSystem::none ||
        boot.file_system == volume::FileSystem::swap) {
        return fail(Fault::invalid,
                    fmt::format("partition {} holds no file system to boot from", boot.name));
    }
    const bool loadable =
        std::ranges::any_of(recipe.partitions, [](const disk::PartitionRecipe& partition) {
            return partition.role == disk::PartitionRole::bios_boot ||
                   (partition.role == disk::PartitionRole::efi_system &&
                    partition.file_system == volume::FileSystem::vfat);
        });
    if (!loadable) {
        return fail(Fault::invalid,
                    "no place for a boot loader: add a BIOS boot partition of 1 MiB, an EFI system "
                    "partition with vfat, or both");
    }
    return {};
}

}  // namespace

Result<DiskPlan> plan_disk(const disk::DiskRecipe& recipe) {
    DiskPlan plan{.layout = TRY(disk::lay_out(recipe))};
    for (std::size_t i = 0; i < recipe.partitions.size(); ++i) {
        TRY(disk::partition_type(recipe.partitions[i]));
        plan.volumes.push_back(
            volume_for(recipe.partitions[i], plan.layout.partitions[i].size_bytes(), recipe.epoch));
        TRY(volume::check_volume(plan.volumes.back()));
    }
    TRY(check_boot(recipe));
    return plan;
}

}  // namespace img::image
