#include "engine/plan.hpp"

#include "base/byte_size.hpp"
#include "volume/content_size.hpp"
#include "volume/vfat.hpp"

#include <algorithm>
#include <fmt/format.h>

namespace img::engine {
namespace {

using disk::PartitionRole;
using volume::FileSystem;

/// Whatever holds a tree without a file system of ours, or one that is only read, is mounted by
/// whoever starts it.
bool is_found_by_uuid(FileSystem kind) {
    return kind != FileSystem::none && kind != FileSystem::squashfs && kind != FileSystem::erofs;
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
            recipe.fs_uuid = recipe.file_system == FileSystem::vfat ? volume::vfat_id(fs_seed)
                                                                    : uuid_from(fs_seed).text();
        }
    }
}

namespace {

/// On flash there is no device to look for a UUID on: a volume of the first UBI device by its
/// name, JFFS2 by that of its MTD partition.
std::string spec_of(const disk::PartitionRecipe& recipe) {
    switch (recipe.file_system) {
        case FileSystem::ubifs: return "ubi0:" + recipe.label;
        case FileSystem::jffs2: return "mtd:rootfs";
        default: return "UUID=" + recipe.fs_uuid;
    }
}

/// btrfs and xfs check themselves when they are mounted, as those of flash do; fsck would do
/// nothing.
bool is_checked(FileSystem kind) {
    return kind != FileSystem::btrfs && kind != FileSystem::xfs && kind != FileSystem::swap &&
           kind != FileSystem::ubifs && kind != FileSystem::jffs2;
}

}  // namespace

Result<void> fit_to_content(Plan& plan) {
    for (auto& part : plan.partitions) {
        if (part.mount_point.empty()) {
            continue;
        }
        const auto needed = volume::needed_bytes(part.recipe.file_system,
                                                 TRY(volume::measure(part.recipe.content)));
        if (part.recipe.grow && part.recipe.size_bytes < needed) {
            part.recipe.size_bytes = round_up(needed, kMiB);
        }
        const std::uint64_t most = part.recipe.grow && part.recipe.max_size_bytes != 0
                                       ? part.recipe.max_size_bytes
                                       : part.recipe.size_bytes;
        if (needed > most) {
            return fail(Fault::invalid,
                        fmt::format("{}: partition {} of {} is too small for its content by {}; "
                                    "give it --size={} or more",
                                    part.origin, part.mount_point, human_size(most),
                                    human_size(needed - most), round_up(needed, kMiB) / kMiB));
        }
    }
    return {};
}

std::vector<rootfs::FstabEntry> fstab_entries(const Plan& plan) {
    std::vector<rootfs::FstabEntry> entries;
    if (plan.type.live) {
        return entries;  // its initramfs mounts "/", and knows where it found it
    }
    for (const auto& part : plan.partitions) {
        const auto& recipe = part.recipe;
        const bool swap = recipe.file_system == FileSystem::swap;
        if ((part.mount_point.empty() && !swap) || !is_found_by_uuid(recipe.file_system)) {
            continue;
        }
        const bool efi = recipe.role == PartitionRole::efi_system;
        const bool checked = is_checked(recipe.file_system);
        const std::string usual = swap ? "sw" : efi ? "umask=0077" : "defaults";
        entries.push_back({.spec = spec_of(recipe),
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
