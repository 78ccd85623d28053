// The writers of the table in image_type.cpp, one file each.
#pragma once

#include "image/image.hpp"

namespace img::image {

Result<ImageReport> make_raw(const Workshop& workshop, const ImageRecipe& recipe);
Result<ImageReport> make_nand(const Workshop& workshop, const ImageRecipe& recipe);
Result<ImageReport> make_jffs2(const Workshop& workshop, const ImageRecipe& recipe);
Result<ImageReport> make_mrstnand(const Workshop& workshop, const ImageRecipe& recipe);

}  // namespace img::image
