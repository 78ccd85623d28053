#include "image/partitioned_disk.hpp"

#include "boot/grub.hpp"
#include "disk/gpt.hpp"
#include "disk/mbr.hpp"
#include "system/draft.hpp"
#include "system/files.hpp"
#include "system/sparse_file.hpp"
#include "volume/content_size.hpp"
#include "volume/make_volume.hpp"
#include "volume/vfat.hpp"

#include <algorithm>
#include <fmt/format.h>
#include <fstream>
#include <iterator>
#include <utility>

namespace img::image {
namespace {

namespace fs = std::filesystem;

constexpr const char* kEfiBinary = "EFI/BOOT/BOOTX64.EFI";  // UEFI 2.10, section 3.5.1.1

Result<std::string> read_all(const fs::path& file, std::string_view package) {
    std::ifstream in(file, std::ios::binary);
    std::string bytes{std::istreambuf_iterator<char>(in), {}};
    if (!in || bytes.empty()) {
        return fail(Fault::missing, fmt::format("{} cannot be read: is the package {} installed?",
                                                file.string(), package));
    }
    return bytes;
}

class Writer {
public:
    Writer(system::CommandRunner& runner,
           const disk::DiskRecipe& recipe,
           fs::path scratch,
           const fs::path& image,
           const Progress& progress)
        : runner_(runner),
          recipe_(recipe),
          scratch_(std::move(scratch)),
          image_(image),
          progress_(progress) {}

    Result<DiskReport> write() {
        plan_ = TRY(plan_disk(recipe_));
        TRY(measure_all());
        TRY(system::create_sparse(image_.path(), plan_.layout.size_bytes));
        if (recipe_.boot_partition) {
            const disk::PartitionRecipe& boot = recipe_.partitions[*recipe_.boot_partition];
            TRY(write_text(config_.path(),
                           boot::grub_search_config(boot.fs_uuid, recipe_.grub_folder)));
        }
        for (std::size_t i = 0; i < plan_.volumes.size(); ++i) {
            TRY(write_partition(i));
        }
        if (plan_.bios_core) {
            TRY(write_bios(*plan_.bios_core));
        }
        TRY(recipe_.table == disk::PartitionTable::gpt ? write_gpt() : write_mbr());
        image_.keep();
        say("disk written");
        return DiskReport{.layout = std::move(plan_.layout),
                          .written_bytes = written_bytes_,
                          .warnings = std::move(warnings_)};
    }

private:
    void say(std::string_view text) const {
        if (progress_) {
            progress_(done_bytes_, total_bytes_, text);
        }
    }

    Result<void> write_text(const fs::path& file, std::string_view text) const {
        TRY(system::create_sparse(file, 0));
        return system::write_at(file, 0, text);
    }

    /// All of them before the first mkfs runs: what does not fit is said at once.
    Result<void> measure_all() {
        for (volume::Volume& volume : plan_.volumes) {
            sizes_.push_back(0);
            if (volume.content.empty()) {
                continue;
            }
            const volume::ContentSize size = TRY(volume::measure(volume.content));
            TRY(volume::check_fits(volume, size));
            volume.inodes = size.inodes;
            sizes_.back() = size.bytes;
            total_bytes_ += size.bytes;
            for (std::string& lost : volume::losses(volume, size)) {
                warnings_.push_back(std::move(lost));
            }
        }
        return {};
    }

    Result<void> write_partition(std::size_t index) {
        const volume::Volume& volume = plan_.volumes[index];
        const disk::PartitionSpan& span = plan_.layout.partitions[index];
        const disk::PartitionRole role = recipe_.partitions[index].role;
        if (volume.kind == volume::FileSystem::none) {
            return {};
        }
        say(fmt::format("making {} for {}", to_text(volume.kind), volume.name));
        const system::Draft file(scratch_ / fmt::format("partition-{}", index + 1));
        TRY(volume::make_volume(runner_, volume, file.path()));
        if (role == disk::PartitionRole::efi_system && volume.kind == volume::FileSystem::vfat &&
            recipe_.boot_partition) {
            TRY(add_efi(volume, file.path()));
        }
        written_bytes_ += TRY(system::copy_sparse(file.path(), image_.path(), span.start_bytes()));
        done_bytes_ += sizes_[index];
        return {};
    }

    Result<void> add_efi(const volume::Volume& volume, const fs::path& file) {
        TRY(read_all(boot::grub_parts(boot::Firmware::uefi) / "modinfo.sh", "grub-efi-amd64-bin"));
        const system::Draft core(scratch_ / "grub.efi");
        TRY(runner_.run(boot::grub_mkimage(boot::Firmware::uefi, recipe_.grub_folder,
                                           config_.path(), core.path())));
        return volume::add_to_vfat(runner_, volume, file, core.path(), kEfiBinary);
    }

    Result<void> write_bios(const disk::PartitionSpan& place) {
        const std::string boot_img =
            TRY(read_all(boot::grub_parts(boot::Firmware::bios) / "boot.img", "grub-pc-bin"));
        const system::Draft file(scratch_ / "grub.core");
        TRY(runner_.run(boot::grub_mkimage(boot::Firmware::bios, recipe_.grub_folder,
                                           config_.path(), file.path())));
        std::string core = TRY(read_all(file.path(), "grub-common"));
        core = TRY(boot::placed_core(std::move(core), place.start, place.size_bytes()));
        boot_code_ = TRY(boot::boot_sector(boot_img, place.start));
        return write_bytes(place.start_bytes(), core);
    }

    Result<void> write_gpt() {
        std::vector<disk::GptEntry> entries;
        for (std::size_t i = 0; i < recipe_.partitions.size(); ++i) {
            const disk::PartitionSpan& span = plan_.layout.partitions[i];
            entries.push_back({.type = TRY(disk::partition_type(recipe_.partitions[i])),
                               .unique = recipe_.partitions[i].partition_uuid,
                               .first_sector = span.start,
                               .last_sector = span.end() - 1,
                               .legacy_boot = recipe_.partitions[i].legacy_boot,
                               .name = recipe_.partitions[i].name});
        }
        disk::GptTables tables = disk::gpt_tables(recipe_.disk_uuid, plan_.layout.sectors(),
                                                  entries, plan_.layout.sector_bytes);
        tables.head.replace(0, boot_code_.size(), boot_code_);
        TRY(write_bytes(0, tables.head));
        return write_bytes(plan_.layout.size_bytes - tables.tail.size(), tables.tail);
    }

    Result<void> write_mbr() {
        const auto entries = TRY(disk::mbr_entries(recipe_, plan_.layout));
        auto sectors = disk::mbr_tables(recipe_.disk_uuid, entries, plan_.layout.sector_bytes);
        sectors.front().bytes.replace(0, boot_code_.size(), boot_code_);
        for (const auto& [sector, bytes] : sectors) {
            TRY(write_bytes(sector * plan_.layout.sector_bytes, bytes));
        }
        return {};
    }

    Result<void> write_bytes(std::uint64_t at_bytes, std::string_view bytes) {
        TRY(system::write_at(image_.path(), at_bytes, bytes));
        written_bytes_ += bytes.size();
        return {};
    }

    system::CommandRunner& runner_;
    const disk::DiskRecipe& recipe_;
    fs::path scratch_;
    system::Draft image_;
    const Progress& progress_;
    system::Draft config_{scratch_ / "grub-search.cfg"};
    DiskPlan plan_;
    std::vector<std::uint64_t> sizes_;  ///< Of each partition's content, in bytes.
    std::string boot_code_;
    std::uint64_t done_bytes_ = 0;
    std::uint64_t total_bytes_ = 0;
    std::uint64_t written_bytes_ = 0;
    std::vector<std::string> warnings_;
};

}  // namespace

Result<DiskReport> write_partitioned_disk(system::CommandRunner& runner,
                                          const disk::DiskRecipe& recipe,
                                          const fs::path& scratch,
                                          const fs::path& image,
                                          const Progress& progress) {
    // Tools run in another working directory than ours.
    const fs::path folder = TRY(system::absolute(scratch));
    const fs::path file = TRY(system::absolute(image));
    return Writer(runner, recipe, folder, file, progress).write();
}

std::string disk_name(const ImageRecipe& recipe, const disk::DiskRecipe& disk) {
    std::string name = disk.name;
    std::ranges::replace(name, '/', '!');
    return name.empty() ? recipe.name : recipe.name + "-" + name;
}

}  // namespace img::image
