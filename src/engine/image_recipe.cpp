#include "engine/image_recipe.hpp"

namespace img::engine {

disk::DiskRecipe disk_recipe(const Plan& plan, std::size_t number) {
    const PlannedDisk& planned = plan.disks[number];
    disk::DiskRecipe recipe;
    recipe.name = planned.name;
    recipe.table = planned.table;
    recipe.size_bytes = planned.size_bytes;
    recipe.disk_uuid = planned.uuid;
    recipe.boots_from_gap = planned.boots_from_gap;
    recipe.epoch = plan.epoch;
    for (std::size_t i = 0; i < plan.partitions.size(); ++i) {
        if (plan.partitions[i].disk != number) {
            continue;
        }
        if (plan.boot_partition == i) {
            recipe.boot_partition = recipe.partitions.size();
            recipe.grub_folder = plan.partitions[i].mount_point == "/" ? "/boot/grub" : "/grub";
        }
        recipe.partitions.push_back(plan.partitions[i].recipe);
    }
    return recipe;
}

image::ImageRecipe image_recipe(const Plan& plan,
                                const BuildRequest& request,
                                const std::string& seed,
                                const std::filesystem::path& tree) {
    image::ImageRecipe recipe;
    recipe.name = request.name;
    recipe.seed = seed;
    recipe.epoch = plan.epoch;
    recipe.architecture = plan.architecture;
    recipe.tree = tree;
    recipe.options = request.options.image;
    recipe.kernel_arguments = plan.kernel_arguments;
    recipe.flash = plan.flash;
    if (plan.type.layout == image::Layout::tree) {
        const PlannedPartition& root = plan.partitions[partition_of(plan, "/")];
        recipe.root = root.recipe;
        recipe.root.size_bytes = root.origin.empty() ? 0 : root.recipe.size_bytes;
    } else {
        for (std::size_t i = 0; i < plan.disks.size(); ++i) {
            recipe.disks.push_back(disk_recipe(plan, i));
        }
    }
    return recipe;
}

}  // namespace img::engine
