// What the boot sector of FAT says, and its root folder, where labels are changed.
#include "base/byte_size.hpp"
#include "superblock/superblock.hpp"
#include "superblock/vfat_folder.hpp"

#include <fmt/format.h>

namespace img::superblock {
namespace {

/// That of the root folder; else that of the boot sector.
Result<std::string> label_of(const VfatReader& reader, const VfatGeometry& geometry) {
    for (const auto& entry : TRY(reader.folder(0))) {
        if (entry.label) {
            return entry.name;
        }
    }
    return geometry.label == "NO NAME" ? std::string() : geometry.label;
}

}  // namespace

SuperblockFinding find_vfat(const vdisk::DiskSource& part) {
    const auto geometry = TRY(vfat_geometry(part));
    if (!geometry) {
        return std::nullopt;
    }
    const VfatReader reader(part, *geometry);
    const auto label = TRY(label_of(reader, *geometry));
    FileSystemDescription found{
        .kind = "vfat",
        .label = label,
        .uuid = fmt::format("{:04X}-{:04X}", geometry->serial >> 16, geometry->serial & 0xffff),
        .size_bytes = geometry->size_bytes,
        .details = fmt::format("FAT{}, clusters of {}", geometry->bits,
                               human_size(geometry->cluster_bytes))};
    if (const auto free = TRY(reader.free_clusters())) {
        found.used_bytes = (geometry->clusters - *free) * geometry->cluster_bytes;
    }
    return found;
}

}  // namespace img::superblock
