#include "image/tree_volume.hpp"

#include "base/uuid.hpp"
#include "image/bare_volume.hpp"
#include "image/types.hpp"

#include <fmt/format.h>

namespace img::image {
namespace {

using volume::FileSystem;

/// What the kickstart says of "/" counts as far as the file system knows it.
volume::Volume tree_volume(const ImageRecipe& recipe, FileSystem kind) {
    volume::Volume volume{
        .kind = kind,
        .name = "/",
        .uuid = uuid_from(fmt::format("{} {}", recipe.seed, to_text(kind))).text(),
        .epoch = recipe.epoch,
        .content = recipe.tree};
    if (!recipe.root.fs_uuid.empty()) {
        volume.uuid = recipe.root.fs_uuid;
    }
    if (kind == FileSystem::ext4) {
        volume.size_bytes = recipe.root.size_bytes;
        volume.label = recipe.root.label;
        volume.options = recipe.root.mkfs_options;
    } else {
        volume.compressor = recipe.options.subformat;
    }
    return volume;
}

}  // namespace

Result<ImageReport> make_tree_volume(const Workshop& workshop,
                                     const ImageRecipe& recipe,
                                     FileSystem kind) {
    const std::string file = fmt::format("{}.{}", recipe.name, to_text(kind));
    const BareVolume made =
        TRY(write_bare_volume(workshop, tree_volume(recipe, kind), file, recipe.options.shrink));
    return ImageReport{.files = {{file, std::string(to_text(kind)), true}},
                       .written_bytes = made.written_bytes,
                       .warnings = made.warnings};
}

}  // namespace img::image
