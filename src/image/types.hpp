// The writers of the table in image_type.cpp, one file each.
#pragma once

#include "image/image.hpp"

namespace img::image {

Result<ImageReport> make_raw(const Workshop& workshop, const ImageRecipe& recipe);
Result<ImageReport> make_vdi(const Workshop& workshop, const ImageRecipe& recipe);
Result<ImageReport> make_vmdk(const Workshop& workshop, const ImageRecipe& recipe);
Result<ImageReport> make_ova(const Workshop& workshop, const ImageRecipe& recipe);
Result<ImageReport> make_qcow2(const Workshop& workshop, const ImageRecipe& recipe);
Result<ImageReport> make_vhd(const Workshop& workshop, const ImageRecipe& recipe);
Result<ImageReport> make_vhdx(const Workshop& workshop, const ImageRecipe& recipe);

}  // namespace img::image
