// The writers of the table in image_type.cpp, one file each.
#pragma once

#include "image/image.hpp"

namespace img::image {

Result<ImageReport> make_livecd(const Workshop& workshop, const ImageRecipe& recipe);
Result<ImageReport> make_liveusb(const Workshop& workshop, const ImageRecipe& recipe);
Result<ImageReport> make_raw(const Workshop& workshop, const ImageRecipe& recipe);

}  // namespace img::image
