#include "engine/flash_plan.hpp"

#include "base/byte_size.hpp"

#include <algorithm>
#include <fmt/format.h>

namespace img::engine {
namespace {

using volume::FileSystem;
using volume::FlashGeometry;

bool is_flash(FileSystem kind) {
    return kind == FileSystem::ubifs || kind == FileSystem::jffs2;
}

FlashGeometry geometry_of(const kickstart::Nand& said, const FlashGeometry& profile) {
    FlashGeometry chip = profile;
    chip.peb_bytes = said.peb_kib ? *said.peb_kib * kKiB : chip.peb_bytes;
    chip.page_bytes = said.page_bytes.value_or(chip.page_bytes);
    // Another page than the profile's is taken to have no parts.
    const bool same_page = chip.page_bytes == profile.page_bytes;
    chip.subpage_bytes =
        said.subpage_bytes.value_or(same_page ? chip.subpage_bytes : chip.page_bytes);
    chip.blocks = said.blocks.value_or(chip.blocks);
    chip.reserved_blocks = said.reserved_blocks;
    return chip;
}

void plan_chip(Plan& plan, const std::string& kickstart_name, syntax::Reporter& report) {
    const auto usual = volume::flash_profiles().front();
    if (!plan.document.nand) {
        report.warning({.file = kickstart_name, .line = 0, .column = 0},
                       "there is no nand line; the image is for a chip like {}: {}", usual.name,
                       usual.what);
        plan.flash = image::FlashTarget{usual.geometry, ""};
        return;
    }
    const kickstart::Nand& said = *plan.document.nand;
    const auto profile = said.profile.empty() ? usual : volume::find_flash_profile(said.profile);
    if (!profile) {
        report.refuse(said.where, "nand --profile: {}", profile.error().message);
        return;
    }
    plan.flash = image::FlashTarget{geometry_of(said, profile->geometry), said.compressor};
    if (const auto checked = volume::check_geometry(plan.flash->chip); !checked) {
        report.refuse(said.where, "nand: {}", checked.error().message);
    }
}

/// "/" is rootfs, "/var/log" var-log.
std::string volume_name(const PlannedPartition& part) {
    if (part.mount_point == "/") {
        return "rootfs";
    }
    std::string name = part.mount_point.empty() ? "" : part.mount_point.substr(1);
    std::ranges::replace(name, '/', '-');
    return name;
}

void name_volumes(Plan& plan, syntax::Reporter& report) {
    const std::string wanted = plan.document.nand ? plan.document.nand->autoresize : "";
    bool found = wanted.empty();
    for (PlannedPartition& part : plan.partitions) {
        if (part.recipe.label.empty()) {
            part.recipe.label = volume_name(part);
        }
        part.recipe.name = part.mount_point;
        if (part.recipe.label == wanted) {
            part.recipe.grow = true;
            found = true;
        }
    }
    if (!found) {
        report.refuse(plan.document.nand->where,
                      "nand --autoresize={}: no part line has that --label, nor a mount point that "
                      "gives it",
                      wanted);
    }
}

/// Says what becomes of lines that are written for disks.
void warn_of_disks(const Plan& plan, syntax::Reporter& report) {
    const auto kind = to_text(plan.type.file_system);
    for (const auto& part : plan.document.partitions) {
        if (!part.mount_point.starts_with('/')) {
            report.warning(part.where, "part {}: an image of type {} has no place for it",
                           part.mount_point.empty() ? "none" : part.mount_point, plan.type.name);
        } else if (!part.fstype.empty() && part.fstype != kind) {
            report.warning(part.where, "part {} --fstype={}: in an image of type {} it is {}{}",
                           part.mount_point, part.fstype, plan.type.name, kind,
                           part.mkfsoptions.empty() ? "" : ", and its --mkfsoptions are left out");
        }
    }
}

void become(Plan& plan, FileSystem kind) {
    std::erase_if(plan.partitions, [](const PlannedPartition& part) {
        return part.mount_point.empty() || (part.origin.empty() && part.mount_point != "/");
    });
    for (PlannedPartition& part : plan.partitions) {
        auto& recipe = part.recipe;
        if (recipe.file_system != kind) {
            recipe.mkfs_options.clear();
        }
        recipe.file_system = kind;
        recipe.role = part.mount_point == "/" ? disk::PartitionRole::linux_root
                                              : disk::PartitionRole::linux_data;
    }
}

/// A chip's file system on a disk.
void refuse_flash(const Plan& plan, syntax::Reporter& report) {
    for (const auto& part : plan.document.partitions) {
        if (part.fstype == "ubifs" || part.fstype == "jffs2") {
            report.refuse(part.where,
                          "part {} --fstype={}: that is for chips of flash memory; build the image "
                          "as type {}",
                          part.mount_point, part.fstype, part.fstype == "ubifs" ? "nand" : "jffs2");
        }
    }
}

}  // namespace

void plan_flash(Plan& plan, const std::string& kickstart_name, syntax::Reporter& report) {
    const FileSystem kind = plan.type.file_system;
    if (kind == FileSystem::none) {
        if (plan.type.layout != image::Layout::tree) {
            refuse_flash(plan, report);
        }
        return;
    }
    warn_of_disks(plan, report);
    become(plan, kind);
    if (is_flash(kind)) {
        plan_chip(plan, kickstart_name, report);
    }
    if (kind == FileSystem::ubifs) {
        name_volumes(plan, report);
    }
}

}  // namespace img::engine
