// livecd: an ISO whose tree is compressed and never written; what is changed stays in memory.
#include "base/byte_size.hpp"
#include "base/uuid.hpp"
#include "boot/grub.hpp"
#include "image/hybrid_iso.hpp"
#include "image/live_medium.hpp"
#include "image/scratch_folder.hpp"
#include "image/types.hpp"
#include "system/files.hpp"
#include "volume/make_volume.hpp"
#include "volume/vfat.hpp"

#include <fmt/format.h>

namespace img::image {
namespace {

namespace fs = std::filesystem;

constexpr const char* kBootImage = "boot/grub/eltorito.img";
constexpr const char* kGrubFolder = "/boot/grub";

/// GRUB's core for a firmware, which looks for this medium among all that there are.
Result<void> make_core(const Workshop& workshop,
                       const ImageRecipe& recipe,
                       boot::Firmware firmware,
                       const fs::path& folder,
                       const fs::path& core) {
    const fs::path config = folder / "search.cfg";
    TRY(system::write_file(config, boot::grub_marker_config(medium_marker(recipe), kGrubFolder)));
    TRY(workshop.runner.run(boot::grub_mkimage(firmware, kGrubFolder, config, core)));
    return {};
}

/// A FAT file system with nothing but what UEFI starts.
Result<void> make_efi(const Workshop& workshop,
                      const ImageRecipe& recipe,
                      const fs::path& folder,
                      const fs::path& file) {
    const fs::path core = folder / "efi/EFI/BOOT/BOOTX64.EFI";
    TRY(system::make_folder(core.parent_path()));
    TRY(make_core(workshop, recipe, boot::Firmware::uefi, folder, core));
    std::error_code error;
    const std::uint64_t core_bytes = fs::file_size(core, error);
    return volume::make_volume(workshop.runner,
                               {.kind = volume::FileSystem::vfat,
                                .name = "EFI",
                                .size_bytes = round_up(core_bytes, kMiB) + kMiB,
                                .label = "EFI",
                                .uuid = volume::vfat_id(recipe.seed + " EFI"),
                                .epoch = recipe.epoch,
                                .content = folder / "efi"},
                               file);
}

LiveArguments arguments_of(LiveSystem system, const std::string& volume_id) {
    if (system == LiveSystem::live_boot) {
        return {.start = "boot=live", .check = "verify-checksums"};
    }
    // A flat tree wants the overlay file system. What is on the machine's own disks is left alone.
    return {.start = fmt::format("root=live:CDLABEL={} rd.live.image rd.live.overlay.overlayfs=1 "
                                 "rd.luks=0 rd.md=0 rd.dm=0",
                                 volume_id),
            .check = "rd.live.check"};
}

Result<void> check_parts() {
    for (const auto& [file, package] :
         {std::pair{boot::grub_parts(boot::Firmware::bios) / "boot_hybrid.img", "grub-pc-bin"},
          {boot::grub_parts(boot::Firmware::uefi) / "modinfo.sh", "grub-efi-amd64-bin"}}) {
        if (!system::exists(file)) {
            return fail(Fault::missing, fmt::format("{} is not there: install the package {}",
                                                    file.string(), package));
        }
    }
    return {};
}

/// Writes the ISO at `file`. dracut's media check compares digests that stand in the ISO's header
/// (isomd5sum); live-boot's has a file of its own.
Result<void> write_iso(const Workshop& workshop,
                       const HybridIso& iso,
                       LiveSystem system,
                       const fs::path& file) {
    TRY(workshop.runner.run(xorriso(iso, file)));
    if (system == LiveSystem::dracut) {
        TRY(workshop.runner.run({.argv = {"implantisomd5", "--force", file.string()}}));
    }
    return {};
}

}  // namespace

Result<void> check_livecd_options(const ImageOptions& options) {
    return options.volume_id.empty() ? Result<void>{} : check_volume_id(options.volume_id);
}

Result<ImageReport> make_livecd(const Workshop& workshop, const ImageRecipe& recipe) {
    const std::string volume_id =
        recipe.options.volume_id.empty() ? volume_id_of(recipe.name) : recipe.options.volume_id;
    TRY(check_volume_id(volume_id));
    TRY(check_parts());
    const LiveSystem system = TRY(find_live_system(recipe.tree));
    const ScratchFolder scratch = TRY(ScratchFolder::make(workshop.scratch / "livecd"));
    const HybridIso iso{.content = scratch.path() / "medium",
                        .volume_id = volume_id,
                        .epoch = recipe.epoch,
                        .disk_uuid = uuid_from(recipe.seed + " disk"),
                        .boot_image = kBootImage,
                        .mbr_code = boot::grub_parts(boot::Firmware::bios) / "boot_hybrid.img",
                        .efi = scratch.path() / "efi.img"};
    TRY(lay_out_medium(workshop, recipe, system, arguments_of(system, volume_id), iso.content));
    TRY(make_core(workshop, recipe, boot::Firmware::bios_cd, scratch.path(),
                  iso.content / kBootImage));
    TRY(make_efi(workshop, recipe, scratch.path(), iso.efi));
    const std::string name = recipe.name + ".iso";
    if (auto written = write_iso(workshop, iso, system, workshop.out / name); !written) {
        std::error_code ignored;
        fs::remove(workshop.out / name, ignored);
        return std::unexpected(std::move(written).error());
    }
    std::error_code error;
    return ImageReport{.files = {{name, "iso", true}},
                       .written_bytes = fs::file_size(workshop.out / name, error),
                       .warnings = {}};
}

}  // namespace img::image
