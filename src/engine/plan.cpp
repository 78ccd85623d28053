#include "engine/plan.hpp"

#include "base/byte_size.hpp"
#include "base/text.hpp"
#include "engine/image_type.hpp"
#include "engine/standard_tokens.hpp"
#include "kickstart/kickstart.hpp"
#include "kickstart/overlay.hpp"
#include "rootfs/rootfs.hpp"

#include <algorithm>
#include <fmt/format.h>
#include <set>

namespace img::engine {
namespace {

using image::FileSystem;
using image::PartitionRole;
using kickstart::Diagnostic;
using kickstart::Severity;

// Room for GRUB's core, about 120 KiB with the modules of our menu; 1 MiB is what others give it.
constexpr std::uint64_t kBiosBootBytes = kMiB;
// FAT32 wants 65525 clusters, which is 33 MiB with the smallest; firmware updaters want some more.
constexpr std::uint64_t kEspBytes = 64 * kMiB;
constexpr const char* kConsoles = "console=tty0 console=ttyS0,115200";

std::string origin(const kickstart::Location& where) {
    return fmt::format("{}:{}", where.file, where.line);
}

/// Collects what is wrong, to be said all at once.
class Problems {
public:
    void add(const kickstart::Location& where, std::string text) {
        list_.push_back({Severity::error, where, std::move(text)});
    }
    void add(const std::vector<Diagnostic>& diagnostics) {
        std::ranges::copy_if(diagnostics, std::back_inserter(list_),
                             [](const auto& d) { return d.severity == Severity::error; });
    }
    bool none() const { return list_.empty(); }
    std::string text() const {
        std::string out;
        for (const auto& problem : list_) {
            out += (out.empty() ? "" : "\n") + to_text(problem);
        }
        return out;
    }

private:
    std::vector<Diagnostic> list_;
};

FileSystem file_system(const std::string& fstype) {
    if (fstype == "efi") {
        return FileSystem::vfat;
    }
    constexpr std::pair<std::string_view, FileSystem> kNames[] = {
        {"ext2", FileSystem::ext2}, {"ext3", FileSystem::ext3},   {"ext4", FileSystem::ext4},
        {"vfat", FileSystem::vfat}, {"btrfs", FileSystem::btrfs}, {"xfs", FileSystem::xfs},
        {"swap", FileSystem::swap},
    };
    for (const auto& [name, value] : kNames) {
        if (name == fstype) {
            return value;
        }
    }
    return FileSystem::ext4;
}

PlannedPartition plan_partition(const kickstart::Partition& part) {
    PlannedPartition planned;
    auto& recipe = planned.recipe;
    const bool bios_boot = part.mount_point == "biosboot" || part.fstype == "biosboot";
    const bool swap = part.mount_point == "swap" || part.fstype == "swap";
    if (bios_boot) {
        recipe.role = PartitionRole::bios_boot;
    } else if (swap) {
        recipe.role = PartitionRole::linux_swap;
        recipe.file_system = FileSystem::swap;
    } else {
        recipe.file_system = file_system(part.fstype);
        planned.mount_point = part.mount_point.starts_with('/') ? part.mount_point : "";
        if (part.fstype == "efi" || part.mount_point == "/boot/efi") {
            recipe.role = PartitionRole::efi_system;
            recipe.file_system = FileSystem::vfat;
        } else if (part.mount_point == "/") {
            recipe.role = PartitionRole::linux_root;
        }
    }
    recipe.name = part.mount_point;
    recipe.size_bytes = part.size_mib * kMiB;
    recipe.grow = part.grow;
    recipe.max_size_bytes = part.max_size_mib.value_or(0) * kMiB;
    recipe.align_bytes = part.align_kib.value_or(0) * kKiB;
    recipe.label = part.label;
    recipe.fs_uuid = part.uuid;
    recipe.type_guid = part.part_type;
    recipe.mkfs_options = split(part.mkfsoptions, " \t");
    planned.mount_options = part.fsoptions;
    planned.origin = origin(part.where);
    return planned;
}

bool has_role(const Plan& plan, PartitionRole role) {
    return std::ranges::any_of(plan.partitions,
                               [&](const auto& part) { return part.recipe.role == role; });
}

void plan_disk(Plan& plan, const BuildRequest& request, Problems& problems) {
    std::set<std::string> disks;
    for (const auto& part : plan.document.partitions) {
        plan.partitions.push_back(plan_partition(part));
        if (!part.disk.empty() && disks.insert(part.disk).second && disks.size() == 2) {
            problems.add(part.where, fmt::format("a second disk, '{}': this version makes images "
                                                 "of one disk; give all partitions the same "
                                                 "--ondisk",
                                                 part.disk));
        }
    }
    plan.disk_bytes = request.disk_bytes;
    const auto& bootloader = plan.document.bootloader;
    if (bootloader && bootloader->ptable == "msdos") {
        problems.add(bootloader->where,
                     "--ptable=msdos: this version makes GPT disks only; leave "
                     "it out, they boot on BIOS too");
    }
    const std::string append = bootloader ? bootloader->append : "";
    plan.kernel_arguments = append.contains("console=") ? append
                            : append.empty()            ? kConsoles
                                                        : fmt::format("{} {}", kConsoles, append);
    plan.menu_timeout =
        bootloader ? bootloader->timeout.value_or(plan.menu_timeout) : plan.menu_timeout;
    if (bootloader && bootloader->location == "none") {
        return;
    }
    // Both ways to boot, in front of what the kickstart asks for.
    if (!has_role(plan, PartitionRole::efi_system)) {
        PlannedPartition esp;
        esp.recipe.role = PartitionRole::efi_system;
        esp.recipe.file_system = FileSystem::vfat;
        esp.recipe.name = "EFI";
        esp.recipe.size_bytes = kEspBytes;
        esp.recipe.label = "EFI";
        plan.partitions.insert(plan.partitions.begin(), std::move(esp));
    }
    if (!has_role(plan, PartitionRole::bios_boot)) {
        PlannedPartition core;
        core.recipe.role = PartitionRole::bios_boot;
        core.recipe.name = "BIOS boot";
        core.recipe.size_bytes = kBiosBootBytes;
        plan.partitions.insert(plan.partitions.begin(), std::move(core));
    }
    plan.boot_partition = partition_of(plan, "/boot");
}

void plan_repositories(Plan& plan, Problems& problems) {
    for (const auto& repo : plan.document.repositories) {
        if (repo.kind == kickstart::RepositoryKind::rpm_md || repo.suite.empty()) {
            problems.add(repo.where,
                         fmt::format("repository {}: this version builds from Debian archives, "
                                     "which need --suite, such as --suite=bookworm",
                                     repo.name.empty() ? repo.baseurl : repo.name));
            continue;
        }
        if (repo.gpgkey.contains("://") && !repo.gpgkey.starts_with("file://")) {
            problems.add(repo.where,
                         "--gpgkey: a key has to be a file of this machine; fetch it, "
                         "look at it, and name the file");
            continue;
        }
        std::string key = repo.gpgkey;
        if (key.starts_with("file://")) {
            key.erase(0, std::string_view("file://").size());
        }
        plan.repositories.push_back({.name = repo.name,
                                     .url = repo.baseurl,
                                     .suite = repo.suite,
                                     .components = repo.components.empty()
                                                       ? std::vector<std::string>{"main"}
                                                       : repo.components,
                                     .keyring = key,
                                     .verified = repo.gpgcheck,
                                     .saved = repo.save,
                                     .origin = origin(repo.where)});
        plan.unverified = plan.unverified || !repo.gpgcheck;
    }
}

template <typename Name>
std::vector<packages::Asked> asked(const std::vector<Name>& names) {
    std::vector<packages::Asked> out;
    for (const auto& name : names) {
        out.push_back({name.text, origin(name.where)});
    }
    return out;
}

void plan_packages(Plan& plan, const BuildRequest& request, Problems& problems) {
    auto& wishes = plan.document.packages;
    if (const auto overlay = kickstart::parse_overlay(request.overlay); overlay) {
        kickstart::apply_overlay(wishes, *overlay);
    } else {
        problems.add({"overlay", 1, 1}, overlay.error().message);
    }
    auto& selection = plan.selection;
    selection = {.names = asked(wishes.names),
                 .groups = asked(wishes.groups),
                 .excluded = asked(wishes.excluded),
                 .weak_dependencies = !wishes.exclude_weakdeps,
                 .core = !wishes.no_core,
                 .ignore_missing = wishes.ignore_missing};
    std::erase_if(selection.groups, [&](const packages::Asked& group) {
        return std::ranges::any_of(wishes.excluded_groups,
                                   [&](const auto& one) { return one.text == group.name; });
    });
    // What lang and keyboard need to take effect.
    for (const auto& name : rootfs::packages_for(plan.document)) {
        const auto is_it = [&](const auto& one) { return one.name == name; };
        if (std::ranges::none_of(selection.names, is_it) &&
            std::ranges::none_of(selection.excluded, is_it)) {
            selection.names.push_back({name, request.kickstart_name});
        }
    }
}

/// FAT's volume number, as `mkfs.vfat -i` and blkid write it.
std::string fat_number(const std::string& seed) {
    std::string hex = uuid_from(seed).text().substr(0, 8);
    std::ranges::transform(hex, hex.begin(),
                           [](char c) { return static_cast<char>(c >= 'a' ? c - 'a' + 'A' : c); });
    return hex.substr(0, 4) + "-" + hex.substr(4);
}

}  // namespace

Result<Plan> make_plan(const BuildRequest& request) {
    (void)TRY(find_image_type(request.image_type));
    auto tokens = standard_tokens(request.kickstart, request.name);
    for (const auto& [key, value] : request.tokens) {
        tokens[key] = value;
    }
    auto parsed = kickstart::parse(request.kickstart,
                                   {.file = request.kickstart_name, .tokens = std::move(tokens)});
    Problems problems;
    problems.add(parsed.diagnostics);
    Plan plan;
    plan.document = std::move(parsed.document);
    if (problems.none()) {
        plan_disk(plan, request, problems);
        plan_repositories(plan, problems);
        plan_packages(plan, request, problems);
    }
    if (!problems.none()) {
        return fail(Fault::invalid, problems.text());
    }
    return plan;
}

void identify(Plan& plan, const std::string& seed) {
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
