// raw: a file for each disk, byte for byte what would be on it.
#include "image/partitioned_disk.hpp"
#include "image/types.hpp"

#include <algorithm>
#include <iterator>
#include <utility>

namespace img::image {

Result<ImageReport> make_raw(const Workshop& workshop, const ImageRecipe& recipe) {
    ImageReport report;
    for (const disk::DiskRecipe& disk : recipe.disks) {
        const std::string file = disk_name(recipe, disk) + ".raw";
        auto made = TRY(write_partitioned_disk(workshop.runner, disk, workshop.scratch,
                                               workshop.out / file, workshop.progress));
        report.files.push_back({file, "raw"});
        report.written_bytes += made.written_bytes;
        std::ranges::move(made.warnings, std::back_inserter(report.warnings));
    }
    return report;
}

}  // namespace img::image
