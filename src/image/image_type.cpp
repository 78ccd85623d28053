#include "image/image_type.hpp"

#include "base/nearest.hpp"
#include "base/printable.hpp"
#include "base/text.hpp"
#include "image/types.hpp"
#include "vdisk/vdisk.hpp"

#include <algorithm>
#include <array>
#include <fmt/format.h>
#include <string>
#include <vector>

namespace img::image {
namespace {

constexpr std::array<std::string_view, 5> kSquashfsCompressors{"zstd", "xz", "gzip", "lz4", "lzo"};
constexpr std::array<std::string_view, 3> kErofsCompressors{"lz4hc", "lz4", "none"};
/// Layouts of boot::blob_layouts(), each by itself and with an OSIP in front.
constexpr std::array<std::string_view, 12> kBlobs{
    "2009",     "2009-osip",     "2008",       "2008-osip",       "2011", "2011-osip",
    "medfield", "medfield-osip", "merrifield", "merrifield-osip", "2025", "2025-osip"};

constexpr std::array kImageTypes{
    ImageType{.name = "raw",
              .what = "partitioned disk that boots on BIOS and UEFI",
              .layout = Layout::disks,
              .make = make_raw,
              .check = check_disks},
    ImageType{.name = "vdi",
              .what = "the same disk for VirtualBox",
              .layout = Layout::disks,
              .make = make_vdi,
              .subformats = vdisk::kVdiSubformats,
              .check = check_vdi},
    ImageType{.name = "vmdk",
              .what = "the same disk for VMware, with its .vmx",
              .layout = Layout::disks,
              .make = make_vmdk,
              .subformats = vdisk::kVmdkSubformats,
              .check = check_vmdk},
    ImageType{.name = "ova",
              .what = "virtual machine to import into VMware or VirtualBox",
              .layout = Layout::disks,
              .make = make_ova,
              .check = check_ova},
    ImageType{.name = "qcow2",
              .what = "the same disk for QEMU and KVM",
              .layout = Layout::disks,
              .make = make_qcow2,
              .subformats = vdisk::kQcow2Subformats,
              .check = check_qcow2},
    ImageType{.name = "vhd",
              .what = "the same disk for Azure and Virtual PC",
              .layout = Layout::disks,
              .make = make_vhd,
              .subformats = vdisk::kVhdSubformats,
              .check = check_vhd},
    ImageType{.name = "vhdx",
              .what = "the same disk for Hyper-V",
              .layout = Layout::disks,
              .make = make_vhdx,
              .subformats = vdisk::kVhdxSubformats,
              .check = check_vhdx},
    ImageType{.name = "livecd",
              .what = "hybrid ISO that starts from CD and stick, BIOS and UEFI",
              .layout = Layout::tree,
              .make = make_livecd,
              .live = true,
              .check_options = check_livecd_options},
    ImageType{.name = "liveusb",
              .what = "live system for a stick, with room for what is changed",
              .layout = Layout::tree,
              .make = make_liveusb,
              .live = true,
              .check_options = check_liveusb_options},
    ImageType{.name = "loop",
              .what = "a bare file system for each part line",
              .layout = Layout::volumes,
              .make = make_loop,
              .check = check_loop},
    ImageType{.name = "fs",
              .what = "the tree as a folder",
              .layout = Layout::tree,
              .make = make_fs,
              .in_place = true,
              .check_options = check_fs_options},
    ImageType{"tar", "the tree as a tar archive", Layout::tree, make_tar},
    ImageType{"cpio", "the tree as a cpio archive, as Linux takes an initramfs", Layout::tree,
              make_cpio},
    ImageType{.name = "squashfs",
              .what = "the tree as a squashfs, compressed and read-only",
              .layout = Layout::tree,
              .make = make_squashfs,
              .subformats = kSquashfsCompressors,
              .file_system = volume::FileSystem::squashfs},
    ImageType{.name = "erofs",
              .what = "the tree as an EROFS, compressed and read-only",
              .layout = Layout::tree,
              .make = make_erofs,
              .subformats = kErofsCompressors,
              .file_system = volume::FileSystem::erofs},
    ImageType{.name = "ext4",
              .what = "the tree as a bare ext4 file system",
              .layout = Layout::tree,
              .make = make_ext4,
              .file_system = volume::FileSystem::ext4},
    ImageType{.name = "nand",
              .what = "flash memory: a UBI image, with a UBIFS for each part line",
              .layout = Layout::volumes,
              .make = make_nand,
              .file_system = volume::FileSystem::ubifs},
    ImageType{.name = "jffs2",
              .what = "flash memory: one JFFS2 file system",
              .layout = Layout::tree,
              .make = make_jffs2,
              .file_system = volume::FileSystem::jffs2,
              .check = check_jffs2},
    ImageType{.name = "mrstnand",
              .what = "Intel handhelds of 2008 to 2013: boot blob, disk image",
              .layout = Layout::tree,
              .make = make_mrstnand,
              .subformats = kBlobs,
              .file_system = volume::FileSystem::ext3},
};

}  // namespace

std::span<const ImageType> image_types() {
    return kImageTypes;
}

Result<ImageType> find_image_type(std::string_view name) {
    std::vector<std::string> names;
    for (const auto& type : kImageTypes) {
        if (type.name == name) {
            return type;
        }
        names.emplace_back(type.name);
    }
    const std::string meant = nearest(name, names);
    return fail(Fault::invalid,
                fmt::format("no image type '{}'; {}", printable(name),
                            meant.empty() ? "there is: " + join(names, ", ")
                                          : fmt::format("did you mean '{}'?", meant)));
}

Result<void> check_subformat(const ImageType& type, std::string_view subformat) {
    if (subformat.empty() ||
        std::ranges::find(type.subformats, subformat) != type.subformats.end()) {
        return {};
    }
    const std::vector<std::string> names(type.subformats.begin(), type.subformats.end());
    return fail(Fault::invalid,
                fmt::format("{} has no subformat '{}'; {}", type.name, printable(subformat),
                            names.empty() ? "there is only one form of it"
                                          : "there is: " + join(names, ", ")));
}

Result<void> check_options(const ImageType& type, const ImageOptions& options) {
    TRY(check_subformat(type, options.subformat));
    return type.check_options == nullptr ? Result<void>{} : type.check_options(options);
}

}  // namespace img::image
