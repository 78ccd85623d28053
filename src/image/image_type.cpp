#include "image/image_type.hpp"

#include "base/nearest.hpp"
#include "base/printable.hpp"
#include "base/text.hpp"
#include "image/types.hpp"

#include <array>
#include <fmt/format.h>
#include <string>
#include <vector>

namespace img::image {
namespace {

constexpr std::array<std::string_view, 5> kSquashfsCompressors{"zstd", "xz", "gzip", "lz4", "lzo"};
constexpr std::array<std::string_view, 3> kErofsCompressors{"lz4hc", "lz4", "none"};

constexpr std::array kImageTypes{
    ImageType{"livecd",
              "hybrid ISO that starts from CD and stick, BIOS and UEFI",
              Layout::tree,
              make_livecd,
              {},
              true},
    ImageType{"liveusb",
              "live system for a stick, with room for what is changed",
              Layout::tree,
              make_liveusb,
              {},
              true},
    ImageType{"raw", "partitioned disk that boots on BIOS and UEFI", Layout::disks, make_raw},
    ImageType{.name = "loop",
              .what = "a bare file system for each part line",
              .layout = Layout::volumes,
              .make = make_loop,
              .check = check_loop},
    ImageType{.name = "fs",
              .what = "the tree as a folder",
              .layout = Layout::tree,
              .make = make_fs,
              .in_place = true},
    ImageType{"tar", "the tree as a tar archive", Layout::tree, make_tar},
    ImageType{"cpio", "the tree as a cpio archive, as Linux takes an initramfs", Layout::tree,
              make_cpio},
    ImageType{.name = "squashfs",
              .what = "the tree as a squashfs, compressed and read-only",
              .layout = Layout::tree,
              .make = make_squashfs,
              .subformats = kSquashfsCompressors,
              .root = volume::FileSystem::squashfs},
    ImageType{.name = "erofs",
              .what = "the tree as an EROFS, compressed and read-only",
              .layout = Layout::tree,
              .make = make_erofs,
              .subformats = kErofsCompressors,
              .root = volume::FileSystem::erofs},
    ImageType{.name = "ext4",
              .what = "the tree as a bare ext4 file system",
              .layout = Layout::tree,
              .make = make_ext4,
              .root = volume::FileSystem::ext4},
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

}  // namespace img::image
