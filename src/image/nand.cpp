// nand: one UBI image for a chip, whose volumes are the part lines, and the line that boots it.
#include "base/byte_size.hpp"
#include "base/uuid.hpp"
#include "image/types.hpp"
#include "image/ubi.hpp"
#include "system/draft.hpp"
#include "system/files.hpp"
#include "volume/content_size.hpp"
#include "volume/make_volume.hpp"

#include <algorithm>
#include <fmt/format.h>
#include <iterator>
#include <utility>

namespace img::image {
namespace {

namespace fs = std::filesystem;
using disk::PartitionRecipe;
using system::Draft;
using volume::FlashGeometry;

std::uint64_t lebs_of(const FlashGeometry& chip, std::uint64_t bytes) {
    return round_up(bytes, chip.leb_bytes()) / chip.leb_bytes();
}

/// Never 0, which UBI takes for a chip of old that has none.
std::uint32_t image_sequence(const std::string& seed) {
    const auto bytes = uuid_from(seed + " ubi").bytes;
    std::uint32_t number = 0;
    for (std::size_t i = 0; i < 4; ++i) {
        number = number << 8 | bytes[i];
    }
    return std::max(number, 1U);
}

class Writer {
public:
    Writer(const Workshop& workshop, const ImageRecipe& recipe)
        : workshop_(workshop), recipe_(recipe), target_(*recipe.flash) {}

    Result<ImageReport> write() {
        TRY(plan());
        for (std::size_t i = 0; i < volumes_.size(); ++i) {
            TRY(make(i));
        }
        TRY(check_room(target_.chip, ubi_));
        TRY(join());
        TRY(write_boot_arguments());
        return std::move(report_);
    }

private:
    /// All that can be said before any work is done.
    Result<void> plan() {
        TRY(volume::check_geometry(target_.chip));
        for (const PartitionRecipe& part : recipe_.disks.front().partitions) {
            ubi_.push_back({.name = part.label,
                            .lebs = lebs_of(target_.chip, part.size_bytes),
                            .grows = part.grow,
                            .image = workshop_.scratch / fmt::format("volume-{}", ubi_.size())});
            volumes_.push_back(volume_of(part, ubi_.back()));
            TRY(volume::check_volume(volumes_.back()));
            TRY(measure(volumes_.back()));
        }
        TRY(check_volumes(ubi_));
        return check_room(target_.chip, ubi_);
    }

    volume::Volume volume_of(const PartitionRecipe& part, const UbiVolume& ubi) const {
        const std::uint64_t lebs = ubi.grows ? target_.chip.usable_lebs() : ubi.lebs;
        volume::Volume volume{.kind = part.file_system,
                              .name = part.name.empty() ? part.label : part.name,
                              .size_bytes = lebs * target_.chip.leb_bytes(),
                              .label = part.label,
                              .uuid = part.fs_uuid,
                              .epoch = recipe_.epoch,
                              .options = part.mkfs_options,
                              .content = part.content,
                              .flash = target_.chip};
        if (!target_.compressor.empty()) {
            volume.options.insert(volume.options.begin(), {std::string("-x"), target_.compressor});
        }
        return volume;
    }

    Result<void> measure(const volume::Volume& volume) {
        sizes_.push_back(0);
        if (!volume.content.empty()) {
            const auto size = TRY(volume::measure(volume.content));
            sizes_.back() = size.bytes;
            total_bytes_ += size.bytes;
            std::ranges::move(volume::losses(volume, size), std::back_inserter(report_.warnings));
        }
        return {};
    }

    Result<void> make(std::size_t index) {
        say(fmt::format("making ubifs for {}", volumes_[index].name));
        images_.emplace_back(ubi_[index].image);
        TRY(volume::make_volume(workshop_.runner, volumes_[index], ubi_[index].image));
        std::error_code error;
        const std::uint64_t bytes = fs::file_size(ubi_[index].image, error);
        if (error) {
            return fail(Fault::broken,
                        fmt::format("{}: {}", ubi_[index].image.string(), error.message()));
        }
        ubi_[index].lebs = std::max(ubi_[index].lebs, lebs_of(target_.chip, bytes));
        done_bytes_ += sizes_[index];
        return {};
    }

    Result<void> join() {
        const std::string name = recipe_.name + ".ubi";
        say("joining the volumes");
        const Draft config(workshop_.scratch / "ubinize.ini");
        TRY(system::write_file(config.path(), ubi_config(target_.chip, ubi_)));
        image_ = Draft(workshop_.out / name);
        TRY(workshop_.runner.run(
            ubinize(target_.chip, image_sequence(recipe_.seed), config.path(), image_.path())));
        std::error_code error;
        report_.written_bytes = fs::file_size(image_.path(), error);
        report_.files.push_back({name, "ubi", true});
        return {};
    }

    Result<void> write_boot_arguments() {
        const std::string name = recipe_.name + "-cmdline.txt";
        const auto& parts = recipe_.disks.front().partitions;
        const auto root = std::ranges::find(parts, recipe_.tree, &PartitionRecipe::content);
        const auto& volume = root == parts.end() ? parts.front() : *root;
        TRY(system::write_file(workshop_.out / name, ubi_boot_arguments(target_.chip, volume.label,
                                                                        recipe_.kernel_arguments)));
        image_.keep();
        report_.files.push_back({name, "cmdline"});
        return {};
    }

    void say(std::string_view text) const {
        if (workshop_.progress) {
            workshop_.progress(done_bytes_, total_bytes_, text);
        }
    }

    const Workshop& workshop_;
    const ImageRecipe& recipe_;
    const FlashTarget& target_;
    std::vector<UbiVolume> ubi_;
    std::vector<volume::Volume> volumes_;  ///< The file systems of these, in the same order.
    std::vector<std::uint64_t> sizes_;     ///< Of their content, in bytes.
    std::vector<Draft> images_;
    Draft image_{fs::path()};
    std::uint64_t done_bytes_ = 0;
    std::uint64_t total_bytes_ = 0;
    ImageReport report_;
};

}  // namespace

Result<ImageReport> make_nand(const Workshop& workshop, const ImageRecipe& recipe) {
    if (!recipe.flash || recipe.disks.empty() || recipe.disks.front().partitions.empty()) {
        return fail(Fault::invalid, "an image of type nand needs a flash chip and a volume");
    }
    return Writer(workshop, recipe).write();
}

}  // namespace img::image
