#include "engine/plan.hpp"

#include <algorithm>
#include <fmt/format.h>

namespace img::engine {
namespace {

using disk::PartitionRole;
using volume::FileSystem;

/// FAT's volume number, as `mkfs.vfat -i` and blkid write it.
std::string fat_number(const std::string& seed) {
    std::string hex = uuid_from(seed).text().substr(0, 8);
    std::ranges::transform(hex, hex.begin(),
                           [](char c) { return static_cast<char>(c >= 'a' ? c - 'a' + 'A' : c); });
    return hex.substr(0, 4) + "-" + hex.substr(4);
}

}  // namespace

void identify(Plan& plan, const std::string& seed) {
    for (std::size_t i = 0; i < plan.disks.size(); ++i) {
        plan.disks[i].uuid =
            uuid_from(i == 0 ? seed + " disk" : fmt::format("{} disk {}", seed, i));
    }
    for (std::size_t i = 0; i < plan.partitions.size(); ++i) {
        auto& recipe = plan.partitions[i].recipe;
        recipe.partition_uuid = uuid_from(fmt::format("{} partition {}", seed, i));
        if (recipe.fs_uuid.empty() && recipe.file_system != FileSystem::none) {
            const std::string fs_seed = fmt::format("{} file system {}", seed, i);
            recipe.fs_uuid = recipe.file_system == FileSystem::vfat ? fat_number(fs_seed)
                                                                    : uuid_from(fs_seed).text();
        }
    }
}

std::vector<rootfs::FstabEntry> fstab_entries(const Plan& plan) {
    std::vector<rootfs::FstabEntry> entries;
    for (const auto& part : plan.partitions) {
        const auto& recipe = part.recipe;
        const bool swap = recipe.file_system == FileSystem::swap;
        if (part.mount_point.empty() && !swap) {
            continue;
        }
        const bool efi = recipe.role == PartitionRole::efi_system;
        // btrfs and xfs check themselves when they are mounted; fsck would do nothing.
        const bool checked = recipe.file_system != FileSystem::btrfs &&
                             recipe.file_system != FileSystem::xfs && !swap;
        const std::string usual = swap ? "sw" : efi ? "umask=0077" : "defaults";
        entries.push_back({.spec = "UUID=" + recipe.fs_uuid,
                           .mount_point = swap ? "none" : part.mount_point,
                           .type = std::string(to_text(recipe.file_system)),
                           .options = part.mount_options.empty() ? usual : part.mount_options,
                           .dump = 0,
                           .pass = !checked                  ? 0
                                   : part.mount_point == "/" ? 1
                                                             : 2});
    }
    return entries;
}

std::size_t partition_of(const Plan& plan, std::string_view path) {
    std::size_t best = 0;
    std::size_t longest = 0;
    for (std::size_t i = 0; i < plan.partitions.size(); ++i) {
        const std::string& mount_point = plan.partitions[i].mount_point;
        const bool above = mount_point == "/" || mount_point == path ||
                           (!mount_point.empty() && path.starts_with(mount_point + "/"));
        if (above && mount_point.size() > longest) {
            longest = mount_point.size();
            best = i;
        }
    }
    return best;
}

}  // namespace img::engine
