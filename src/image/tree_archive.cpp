#include "image/tree_archive.hpp"

#include "image/bare_volume.hpp"

#include <fmt/format.h>

namespace img::image {

Result<ImageReport> make_tree_archive(const Workshop& workshop,
                                      const ImageRecipe& recipe,
                                      archive::TreeFormat format,
                                      std::string_view ending) {
    std::string file = fmt::format("{}.{}", recipe.name, ending);
    if (recipe.options.compressor) {
        file += fmt::format(".{}", to_text(*recipe.options.compressor));
    }
    const auto progress = [&](std::uint64_t done_bytes, std::uint64_t total_bytes) {
        if (workshop.progress) {
            workshop.progress(done_bytes, total_bytes, fmt::format("writing {}", file));
        }
    };
    progress(0, 0);
    auto sink = TRY(archive::file_sink(workshop.out / file, recipe.options.compressor));
    auto lost = TRY(archive::write_tree(format, recipe.tree, recipe.epoch, *sink, progress));
    return ImageReport{.files = {{file, std::string(ending), true}},
                       .written_bytes = allocated_bytes(workshop.out / file),
                       .warnings = std::move(lost)};
}

}  // namespace img::image
