// tar: the whole tree as "<name>.tar", compressed if so asked.
#include "image/tree_archive.hpp"
#include "image/types.hpp"

namespace img::image {

Result<ImageReport> make_tar(const Workshop& workshop, const ImageRecipe& recipe) {
    return make_tree_archive(workshop, recipe, archive::TreeFormat::tar, "tar");
}

}  // namespace img::image
