// squashfs: the whole tree as one file system, "<name>.squashfs".
#include "image/tree_volume.hpp"
#include "image/types.hpp"

namespace img::image {

Result<ImageReport> make_squashfs(const Workshop& workshop, const ImageRecipe& recipe) {
    return make_tree_volume(workshop, recipe, volume::FileSystem::squashfs);
}

}  // namespace img::image
