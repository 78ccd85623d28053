// Files of FAT, whatever the case in which they are asked for.
#include "base/text.hpp"
#include "filetree/filetree.hpp"
#include "superblock/vfat_folder.hpp"

#include <algorithm>
#include <cctype>
#include <fmt/format.h>

namespace img::filetree {
namespace {

static_assert(superblock::kVfatEntriesMax <= kNodesMax);

/// FAT tells "EFI" and "efi" apart no more than Windows does.
bool same_name(std::string_view one, std::string_view other) {
    return std::ranges::equal(one, other, [](unsigned char a, unsigned char b) {
        return std::tolower(a) == std::tolower(b);
    });
}

class VfatTree : public FileTree {
public:
    VfatTree(const vdisk::DiskSource& part, const superblock::VfatGeometry& geometry)
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
    Result<superblock::VfatEntry> find_file(const std::string& file) const {
        auto found = TRY(find(file));
        if (found.folder) {
            return fail(Fault::missing, fmt::format("{} is a folder", file));
        }
        return found;
    }

    Result<superblock::VfatEntry> find(const std::string& path) const {
        superblock::VfatEntry at{.folder = true};
        for (const auto& name : split(path, "/")) {
            const auto entries = TRY(reader_.folder(at.first_cluster));
            const auto found =
                std::ranges::find_if(entries, [&](const superblock::VfatEntry& entry) {
                    return !entry.label && same_name(entry.name, name);
                });
            if (!at.folder || found == entries.end()) {
                return fail(Fault::missing, fmt::format("there is no {}", path));
            }
            at = *found;
        }
        return at;
    }

    superblock::VfatReader reader_;
};

}  // namespace

Result<std::unique_ptr<FileTree>> open_vfat_tree(const vdisk::DiskSource& part) {
    const auto geometry = TRY(superblock::vfat_geometry(part));
    if (!geometry) {
        return fail(Fault::broken, "not a FAT file system");
    }
    return std::make_unique<VfatTree>(part, *geometry);
}

}  // namespace img::filetree
