// FAT: what its superblock says, and its files.
#include "base/byte_size.hpp"
#include "base/text.hpp"
#include "inspect/file_tree.hpp"
#include "inspect/superblock.hpp"
#include "inspect/vfat_folder.hpp"

#include <algorithm>
#include <cctype>
#include <fmt/format.h>

namespace img::inspect {
namespace {

/// FAT tells "EFI" and "efi" apart no more than Windows does.
bool same_name(std::string_view one, std::string_view other) {
    return std::ranges::equal(one, other, [](unsigned char a, unsigned char b) {
        return std::tolower(a) == std::tolower(b);
    });
}

class VfatTree : public FileTree {
public:
    VfatTree(const vdisk::DiskSource& part, const VfatGeometry& geometry)
        : reader_(part, geometry) {}

    Result<std::vector<Node>> list(const std::string& folder) const override {
        const auto found = TRY(find(folder));
        if (!found.folder) {
            return fail(Fault::missing, fmt::format("{} is no folder", folder));
        }
        std::vector<Node> nodes;
        for (auto& entry : TRY(reader_.folder(found.first_cluster))) {
            if (!entry.label) {
                nodes.push_back({.name = std::move(entry.name),
                                 .kind = entry.folder ? NodeKind::folder : NodeKind::file,
                                 .size_bytes = entry.size_bytes});
            }
        }
        std::ranges::sort(nodes, {}, &Node::name);
        return nodes;
    }

    Result<std::string> read(const std::string& file, std::size_t bytes_max) const override {
        const auto found = TRY(find_file(file));
        return reader_.content(found.first_cluster,
                               std::min<std::size_t>(bytes_max, found.size_bytes));
    }

    Result<std::optional<vdisk::Extent>> place(const std::string& file) const override {
        const auto found = TRY(find_file(file));
        return reader_.place(found.first_cluster, found.size_bytes);
    }

private:
    Result<VfatEntry> find_file(const std::string& file) const {
        auto found = TRY(find(file));
        if (found.folder) {
            return fail(Fault::missing, fmt::format("{} is a folder", file));
        }
        return found;
    }

    Result<VfatEntry> find(const std::string& path) const {
        VfatEntry at{.folder = true};
        for (const auto& name : split(path, "/")) {
            const auto entries = TRY(reader_.folder(at.first_cluster));
            const auto found = std::ranges::find_if(entries, [&](const VfatEntry& entry) {
                return !entry.label && same_name(entry.name, name);
            });
            if (!at.folder || found == entries.end()) {
                return fail(Fault::missing, fmt::format("there is no {}", path));
            }
            at = *found;
        }
        return at;
    }

    VfatReader reader_;
};

/// That of the root folder, where labels are changed; else that of the boot sector.
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

Result<std::unique_ptr<FileTree>> open_vfat_tree(const vdisk::DiskSource& part) {
    const auto geometry = TRY(vfat_geometry(part));
    if (!geometry) {
        return fail(Fault::broken, "not a FAT file system");
    }
    return std::make_unique<VfatTree>(part, *geometry);
}

}  // namespace img::inspect
