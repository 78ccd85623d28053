// raw: a file for each disk, byte for byte what would be on it.
#include "base/digest.hpp"
#include "image/partitioned_disk.hpp"
#include "image/types.hpp"
#include "image/virt_xml.hpp"
#include "system/files.hpp"

#include <algorithm>
#include <iterator>
#include <utility>

namespace img::image {
namespace {

namespace fs = std::filesystem;

/// Where the making of an image fails, none of its files stays.
class Files {
public:
    explicit Files(fs::path folder) : folder_(std::move(folder)) {}
    Files(const Files&) = delete;
    Files& operator=(const Files&) = delete;
    ~Files() {
        for (const ImageFile& file : files_) {
            std::error_code ignored;
            fs::remove(folder_ / file.name, ignored);
        }
    }

    fs::path add(ImageFile file) {
        files_.push_back(std::move(file));
        return folder_ / files_.back().name;
    }
    std::vector<ImageFile> keep() { return std::exchange(files_, {}); }

private:
    fs::path folder_;
    std::vector<ImageFile> files_;
};

}  // namespace

Result<void> check_disks(const ImageRecipe& recipe) {
    for (const disk::DiskRecipe& disk : recipe.disks) {
        TRY(check_disk(disk));
    }
    return {};
}

Result<ImageReport> make_raw(const Workshop& workshop, const ImageRecipe& recipe) {
    ImageReport report;
    Files files(workshop.out);
    VirtMachine machine{.name = recipe.name, .architecture = recipe.architecture};
    for (const disk::DiskRecipe& disk : recipe.disks) {
        const fs::path image = files.add({disk_name(recipe, disk) + ".raw", "raw", true});
        auto made = TRY(write_partitioned_disk(workshop.runner, disk, workshop.scratch, image,
                                               workshop.progress));
        report.written_bytes += made.written_bytes;
        std::ranges::move(made.warnings, std::back_inserter(report.warnings));
        if (recipe.options.virt_xml) {
            const std::string sha256 = TRY(sha256_file(image));
            machine.disks.push_back({image.filename().string(), "raw", sha256});
        }
    }
    if (recipe.options.virt_xml) {
        const fs::path description = files.add({recipe.name + ".xml", "virt-image"});
        TRY(system::write_file(description, virt_xml(machine)));
    }
    report.files = files.keep();
    return report;
}

}  // namespace img::image
