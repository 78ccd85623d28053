// The writers of the table in image_type.cpp, one file each.
#pragma once

#include "image/image.hpp"

namespace img::image {

Result<ImageReport> make_livecd(const Workshop& workshop, const ImageRecipe& recipe);
Result<ImageReport> make_liveusb(const Workshop& workshop, const ImageRecipe& recipe);
Result<ImageReport> make_raw(const Workshop& workshop, const ImageRecipe& recipe);
Result<ImageReport> make_vdi(const Workshop& workshop, const ImageRecipe& recipe);
Result<ImageReport> make_vmdk(const Workshop& workshop, const ImageRecipe& recipe);
Result<ImageReport> make_ova(const Workshop& workshop, const ImageRecipe& recipe);
Result<ImageReport> make_qcow2(const Workshop& workshop, const ImageRecipe& recipe);
Result<ImageReport> make_vhd(const Workshop& workshop, const ImageRecipe& recipe);
Result<ImageReport> make_vhdx(const Workshop& workshop, const ImageRecipe& recipe);
Result<ImageReport> make_loop(const Workshop& workshop, const ImageRecipe& recipe);
Result<ImageReport> make_fs(const Workshop& workshop, const ImageRecipe& recipe);
Result<ImageReport> make_tar(const Workshop& workshop, const ImageRecipe& recipe);
Result<ImageReport> make_cpio(const Workshop& workshop, const ImageRecipe& recipe);
Result<ImageReport> make_squashfs(const Workshop& workshop, const ImageRecipe& recipe);
Result<ImageReport> make_erofs(const Workshop& workshop, const ImageRecipe& recipe);
Result<ImageReport> make_ext4(const Workshop& workshop, const ImageRecipe& recipe);
Result<ImageReport> make_nand(const Workshop& workshop, const ImageRecipe& recipe);
Result<ImageReport> make_jffs2(const Workshop& workshop, const ImageRecipe& recipe);
Result<ImageReport> make_mrstnand(const Workshop& workshop, const ImageRecipe& recipe);

/// Every part line has a file name of its own, and a label that its file system can hold.
Result<void> check_loop(const ImageRecipe& recipe);

}  // namespace img::image
