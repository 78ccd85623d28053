#include "image/converted_disk.hpp"

#include "image/partitioned_disk.hpp"
#include "image/types.hpp"
#include "system/draft.hpp"

#include <algorithm>
#include <fmt/format.h>
#include <iterator>
#include <utility>

namespace img::image {

Result<ConvertedDisk> make_converted_disk(const Workshop& workshop,
                                          const ImageRecipe& recipe,
                                          const disk::DiskRecipe& disk,
                                          vdisk::DiskFormat format,
                                          vdisk::DiskTarget target) {
    const system::Draft raw(workshop.scratch / "disk.raw");
    ConvertedDisk made;
    made.warnings = TRY(write_partitioned_disk(workshop.runner, disk, workshop.scratch, raw.path(),
                                               workshop.progress))
                        .warnings;
    if (workshop.progress) {
        workshop.progress(0, 0, fmt::format("writing {}", target.file.filename().string()));
    }
    target.seed = fmt::format("{} {}", recipe.seed, disk.name);
    target.epoch = recipe.epoch;
    const auto source = TRY(vdisk::open_disk(raw.path(), vdisk::DiskFormat::raw));
    made.written = TRY(vdisk::write_disk(*source, format, target));
    return made;
}

Result<void> check_converted_disks(const ImageRecipe& recipe, vdisk::DiskFormat format) {
    for (const disk::DiskRecipe& disk : recipe.disks) {
        const auto layout = TRY(check_disk(disk));
        TRY(vdisk::check_size(format, layout.size_bytes));
    }
    return {};
}

Result<ImageReport> make_converted_disks(const Workshop& workshop,
                                         const ImageRecipe& recipe,
                                         vdisk::DiskFormat format) {
    const std::string subformat(TRY(vdisk::find_subformat(format, recipe.options.subformat)));
    ImageReport report;
    std::vector<system::Draft> drafts;
    for (const disk::DiskRecipe& disk : recipe.disks) {
        const auto file =
            workshop.out / fmt::format("{}.{}", disk_name(recipe, disk), vdisk::to_text(format));
        auto made = TRY(make_converted_disk(workshop, recipe, disk, format,
                                            {.file = file, .subformat = subformat}));
        for (const auto& artefact : made.written.files) {
            drafts.emplace_back(artefact);
            report.files.push_back(
                {artefact.filename(), std::string(vdisk::to_text(format)), true});
        }
        report.written_bytes += made.written.written_bytes;
        std::ranges::move(made.warnings, std::back_inserter(report.warnings));
    }
    for (system::Draft& draft : drafts) {
        draft.keep();
    }
    return report;
}

Result<void> check_vdi(const ImageRecipe& recipe) {
    return check_converted_disks(recipe, vdisk::DiskFormat::vdi);
}

Result<void> check_qcow2(const ImageRecipe& recipe) {
    return check_converted_disks(recipe, vdisk::DiskFormat::qcow2);
}

Result<void> check_vhd(const ImageRecipe& recipe) {
    return check_converted_disks(recipe, vdisk::DiskFormat::vhd);
}

Result<void> check_vhdx(const ImageRecipe& recipe) {
    return check_converted_disks(recipe, vdisk::DiskFormat::vhdx);
}

Result<ImageReport> make_vdi(const Workshop& workshop, const ImageRecipe& recipe) {
    return make_converted_disks(workshop, recipe, vdisk::DiskFormat::vdi);
}

Result<ImageReport> make_qcow2(const Workshop& workshop, const ImageRecipe& recipe) {
    return make_converted_disks(workshop, recipe, vdisk::DiskFormat::qcow2);
}

Result<ImageReport> make_vhd(const Workshop& workshop, const ImageRecipe& recipe) {
    return make_converted_disks(workshop, recipe, vdisk::DiskFormat::vhd);
}

Result<ImageReport> make_vhdx(const Workshop& workshop, const ImageRecipe& recipe) {
    return make_converted_disks(workshop, recipe, vdisk::DiskFormat::vhdx);
}

}  // namespace img::image
