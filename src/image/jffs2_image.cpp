// jffs2: the tree as one JFFS2 for a chip, and the line that boots it.
#include "base/byte_size.hpp"
#include "image/types.hpp"
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

/// mkfs.jffs2 tries zlib, then rtime, and keeps what is smallest; lzo waits to be asked.
Result<std::vector<std::string>> compressor_options(const std::string& name) {
    if (name.empty() || name == "zlib") {
        return std::vector<std::string>{};
    }
    if (name == "lzo") {
        return std::vector<std::string>{"--enable-compressor=lzo", "--disable-compressor=zlib"};
    }
    if (name == "none") {
        return std::vector<std::string>{"--compression-mode=none"};
    }
    return fail(Fault::invalid,
                fmt::format("jffs2 knows no {}: say nand --compressor=zlib, lzo or none", name));
}

Result<volume::Volume> volume_of(const ImageRecipe& recipe) {
    const volume::FlashGeometry& chip = recipe.flash->chip;
    const std::uint64_t room = chip.blocks * chip.peb_bytes;
    if (recipe.root.size_bytes > room) {
        return fail(Fault::invalid,
                    fmt::format("the root file system of {} is larger than the chip of {}: make it "
                                "smaller, or say nand --blocks",
                                human_size(recipe.root.size_bytes), human_size(room)));
    }
    std::vector<std::string> options = TRY(compressor_options(recipe.flash->compressor));
    volume::Volume volume{.kind = volume::FileSystem::jffs2,
                          .name = "/",
                          .size_bytes = recipe.root.size_bytes == 0 ? room : recipe.root.size_bytes,
                          .epoch = recipe.epoch,
                          .options = std::move(options),
                          .content = recipe.tree,
                          .flash = chip};
    std::ranges::copy(recipe.root.mkfs_options, std::back_inserter(volume.options));
    return volume;
}

}  // namespace

Result<void> check_jffs2(const ImageRecipe& recipe) {
    if (!recipe.flash) {
        return fail(Fault::invalid, "an image of type jffs2 needs a flash chip");
    }
    return volume::check_volume(TRY(volume_of(recipe)));
}

Result<ImageReport> make_jffs2(const Workshop& workshop, const ImageRecipe& recipe) {
    TRY(check_jffs2(recipe));
    const volume::Volume volume = TRY(volume_of(recipe));
    const auto size = TRY(volume::measure(volume.content));
    ImageReport report{.files = {{recipe.name + ".jffs2", "jffs2", true},
                                 {recipe.name + "-cmdline.txt", "cmdline"}},
                       .warnings = volume::losses(volume, size)};
    if (workshop.progress) {
        workshop.progress(0, size.bytes, "making jffs2 for /");
    }
    system::Draft image(workshop.out / report.files[0].name);
    TRY(volume::make_volume(workshop.runner, volume, image.path()));
    std::error_code error;
    report.written_bytes = fs::file_size(image.path(), error);
    // By the name of the MTD partition, which is the same whatever its number.
    TRY(system::write_file(
        workshop.out / report.files[1].name,
        fmt::format("root=mtd:rootfs rootfstype=jffs2 rw{}{}\n",
                    recipe.kernel_arguments.empty() ? "" : " ", recipe.kernel_arguments)));
    image.keep();
    return report;
}

}  // namespace img::image
