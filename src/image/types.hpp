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

/// The partitions fit on their disks, and each can be what it is to be (see check_disk()).
Result<void> check_disks(const ImageRecipe& recipe);
/// Also: the format has room for the disks, and can hold their names.
Result<void> check_vdi(const ImageRecipe& recipe);
Result<void> check_vmdk(const ImageRecipe& recipe);
Result<void> check_qcow2(const ImageRecipe& recipe);
Result<void> check_vhd(const ImageRecipe& recipe);
Result<void> check_vhdx(const ImageRecipe& recipe);
/// Also: they are no more than a machine takes.
Result<void> check_ova(const ImageRecipe& recipe);
/// The file system fits on its chip, and has a compressor that JFFS2 knows.
Result<void> check_jffs2(const ImageRecipe& recipe);

/// The volume id is one of an ISO.
Result<void> check_livecd_options(const ImageOptions& options);
/// There is room for what is changed.
Result<void> check_liveusb_options(const ImageOptions& options);
/// A folder is not compressed.
Result<void> check_fs_options(const ImageOptions& options);

/// Every part line has a file name of its own, and a label that its file system can hold.
Result<void> check_loop(const ImageRecipe& recipe);

}  // namespace img::image
