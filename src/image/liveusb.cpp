// liveusb: a live system for a stick, with a partition that keeps what is changed.
//
//     | GPT | BIOS boot | FAT: kernel, initramfs, tree, GRUB | ext4 "persistence" | GPT |
#include "archive/file_fault.hpp"
#include "base/byte_size.hpp"
#include "base/uuid.hpp"
#include "image/live_medium.hpp"
#include "image/partitioned_disk.hpp"
#include "image/scratch_folder.hpp"
#include "image/types.hpp"
#include "system/files.hpp"
#include "volume/content_size.hpp"
#include "volume/vfat.hpp"

#include <algorithm>
#include <fmt/format.h>
#include <utility>

namespace img::image {
namespace {

namespace fs = std::filesystem;

constexpr std::uint64_t kPersistenceBytes = 512 * kMiB;
constexpr std::uint64_t kPersistenceMin = 16 * kMiB;  // below that a journal takes most of it
constexpr std::uint64_t kBiosBootBytes = kMiB;        // GRUB's core needs about 130 KiB
constexpr std::uint64_t kBootMin = 64 * kMiB;         // FAT32, whatever its clusters
constexpr std::uint64_t kBootSlack = 16 * kMiB;       // GRUB for UEFI, a changed menu
constexpr std::uint64_t kFatFileMax = 4 * kGiB - 1;

struct Identities {
    std::string boot;         ///< Of the FAT: "ABCD-1234".
    std::string persistence;  ///< Of the ext4.
};

LiveArguments arguments_of(LiveSystem system, const Identities& ids) {
    if (system == LiveSystem::live_boot) {
        return {.start = "boot=live persistence", .check = "verify-checksums"};
    }
    // dracut 059 (dracut.cmdline(7)): an overlay's folder, beside which there is "ovlwork".
    // rd.live.check reads ISOs only.
    return {.start = fmt::format("root=live:UUID={} rd.live.image rd.live.overlay.overlayfs=1 "
                                 "rd.live.overlay=UUID={}:/overlayfs rd.luks=0 rd.md=0 rd.dm=0",
                                 ids.boot, ids.persistence),
            .check = ""};
}

/// What makes an empty ext4 an overlay for either system.
Result<void> lay_out_persistence(LiveSystem system, const fs::path& folder) {
    TRY(system::make_folder(folder));
    if (system == LiveSystem::live_boot) {
        return system::write_file(folder / "persistence.conf", "/ union\n");
    }
    TRY(system::make_folder(folder / "overlayfs"));
    return system::make_folder(folder / "ovlwork");
}

disk::PartitionRecipe bios_partition() {
    disk::PartitionRecipe part;
    part.role = disk::PartitionRole::bios_boot;
    part.name = "BIOS boot";
    part.size_bytes = kBiosBootBytes;
    return part;
}

Result<disk::PartitionRecipe> boot_partition(const fs::path& content, const Identities& ids) {
    const volume::ContentSize size = TRY(volume::measure(content));
    disk::PartitionRecipe part;
    part.role = disk::PartitionRole::efi_system;
    part.file_system = volume::FileSystem::vfat;
    part.name = "live";
    part.label = "LIVE";
    part.fs_uuid = ids.boot;
    part.content = content;
    part.size_bytes = std::max(volume::needed_bytes(part.file_system, size) + kBootSlack, kBootMin);
    return part;
}

disk::PartitionRecipe persistence_partition(const fs::path& content,
                                            const Identities& ids,
                                            std::uint64_t size_bytes) {
    disk::PartitionRecipe part;
    part.file_system = volume::FileSystem::ext4;
    part.name = "persistence";
    part.label = "persistence";  // live-boot looks for it
    part.fs_uuid = ids.persistence;
    part.content = content;
    part.size_bytes = size_bytes;
    return part;
}

/// The tree's file is the only one that grows so large.
Result<void> check_files(const fs::path& medium) {
    for (const fs::path& file : TRY(system::files_below(medium))) {
        std::error_code error;
        const std::uint64_t size_bytes = fs::file_size(file, error);
        if (error) {
            return archive::file_fault("read", file, error.value());
        }
        if (size_bytes > kFatFileMax) {
            return fail(
                Fault::invalid,
                fmt::format("{} is {}, and FAT holds files of up to 4 GiB: install fewer "
                            "packages, or make a livecd, which a stick takes too",
                            file.lexically_relative(medium).string(), human_size(size_bytes)));
        }
    }
    return {};
}

}  // namespace

Result<void> check_liveusb_options(const ImageOptions& options) {
    const std::uint64_t said = options.persistence_bytes;
    if (said != 0 && said < kPersistenceMin) {
        return fail(Fault::invalid,
                    fmt::format("{} are too little to keep changes in: give the stick {} or more",
                                human_size(said), human_size(kPersistenceMin)));
    }
    return {};
}

Result<ImageReport> make_liveusb(const Workshop& workshop, const ImageRecipe& recipe) {
    TRY(check_liveusb_options(recipe.options));
    const std::uint64_t said_bytes = recipe.options.persistence_bytes;
    const std::uint64_t kept_bytes = said_bytes == 0 ? kPersistenceBytes : said_bytes;
    const LiveSystem system = TRY(find_live_system(recipe.tree));
    const Identities ids{.boot = volume::vfat_id(recipe.seed + " live"),
                         .persistence = uuid_from(recipe.seed + " persistence").text()};
    const ScratchFolder scratch = TRY(ScratchFolder::make(workshop.scratch / "liveusb"));
    const fs::path medium = scratch.path() / "medium";
    const fs::path kept = scratch.path() / "persistence";
    TRY(lay_out_medium(workshop, recipe, system, arguments_of(system, ids), medium));
    TRY(check_files(medium));
    TRY(lay_out_persistence(system, kept));

    disk::DiskRecipe disk;
    disk.disk_uuid = uuid_from(recipe.seed + " disk");
    disk.epoch = recipe.epoch;
    disk.partitions.push_back(bios_partition());
    disk.partitions.push_back(TRY(boot_partition(medium, ids)));
    disk.partitions.push_back(persistence_partition(kept, ids, kept_bytes));
    for (disk::PartitionRecipe& part : disk.partitions) {
        part.partition_uuid = uuid_from(fmt::format("{} partition {}", recipe.seed, part.name));
    }
    disk.boot_partition = 1;  // the FAT
    const std::string name = recipe.name + ".usbimg";
    auto made = TRY(write_partitioned_disk(workshop.runner, disk, scratch.path(),
                                           workshop.out / name, workshop.progress));
    return ImageReport{.files = {{name, "usbimg", true}},
                       .written_bytes = made.written_bytes,
                       .warnings = std::move(made.warnings)};
}

}  // namespace img::image
