// ext4: the whole tree as one file system, "<name>.ext4".
#include "image/tree_volume.hpp"
#include "image/types.hpp"

namespace img::image {

Result<ImageReport> make_ext4(const Workshop& workshop, const ImageRecipe& recipe) {
    return make_tree_volume(workshop, recipe, volume::FileSystem::ext4);
}

}  // namespace img::image
