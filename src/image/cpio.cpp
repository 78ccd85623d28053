// cpio: the whole tree as "<name>.cpio", compressed if so asked.
#include "image/tree_archive.hpp"
#include "image/types.hpp"

namespace img::image {

Result<ImageReport> make_cpio(const Workshop& workshop, const ImageRecipe& recipe) {
    return make_tree_archive(workshop, recipe, archive::TreeFormat::cpio, "cpio");
}

}  // namespace img::image
