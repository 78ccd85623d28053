// erofs: the whole tree as one file system, "<name>.erofs".
#include "image/tree_volume.hpp"
#include "image/types.hpp"

namespace img::image {

Result<ImageReport> make_erofs(const Workshop& workshop, const ImageRecipe& recipe) {
    return make_tree_volume(workshop, recipe, volume::FileSystem::erofs);
}

}  // namespace img::image
