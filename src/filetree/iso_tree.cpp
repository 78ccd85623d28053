// Files of ISO 9660, under their Rock Ridge names.
#include "base/byte_order.hpp"
#include "base/text.hpp"
#include "filetree/filetree.hpp"
#include "superblock/iso_superblock.hpp"
#include "vdisk/source_part.hpp"

#include <algorithm>
#include <cctype>
#include <fmt/format.h>

namespace img::filetree {
namespace {

// ECMA-119.
constexpr std::size_t kRecordBytes = 33;  // of a folder's record before the name
constexpr std::uint8_t kFolderFlag = 0x02;
constexpr std::uint8_t kMoreExtents = 0x80;
constexpr std::size_t kFolderBytesMax = 4 << 20;

struct IsoRecord {
    std::string name{};
    bool folder = false;
    bool whole = true;  ///< Its bytes are in one extent.
    vdisk::Extent place{};
};

/// The name that Rock Ridge gives in NM fields, or nothing (IEEE P1282, 4.1.4).
std::string rock_ridge_name(std::string_view fields) {
    std::string name;
    while (fields.size() >= 5) {
        const auto length = get_le<std::uint8_t>(fields, 2);
        if (length < 4 || length > fields.size()) {
            break;
        }
        if (fields.starts_with("NM") && length > 5) {
            name += fields.substr(5, length - 5U);
        }
        fields.remove_prefix(length);
    }
    return name;
}

/// "GRUB.CFG;1" is grub.cfg to every reader.
std::string plain_name(std::string_view name) {
    name = name.substr(0, name.find(';'));
    if (name.ends_with('.')) {
        name.remove_suffix(1);
    }
    std::string lower(name);
    std::ranges::transform(lower, lower.begin(), [](unsigned char letter) {
        return static_cast<char>(std::tolower(letter));
    });
    return lower;
}

/// A record of at least kRecordBytes.
IsoRecord record_of(std::string_view bytes) {
    const auto flags = get_le<std::uint8_t>(bytes, 25);
    const std::size_t length = get_le<std::uint8_t>(bytes, 32);
    const auto name = bytes.substr(kRecordBytes, length);
    const std::size_t fields = kRecordBytes + length + (length % 2 == 0 ? 1 : 0);
    auto rock_ridge = fields < bytes.size() ? rock_ridge_name(bytes.substr(fields)) : std::string();
    const std::uint64_t start = get_le<std::uint32_t>(bytes, 2);
    return {.name = rock_ridge.empty() ? plain_name(name) : std::move(rock_ridge),
            .folder = (flags & kFolderFlag) != 0,
            .whole = (flags & kMoreExtents) == 0,
            .place = {.start = start * superblock::kCdSector,
                      .size = get_le<std::uint32_t>(bytes, 10)}};
}

/// Records never cross a sector; a length of 0 sends on to the next one.
std::vector<IsoRecord> records_of(std::string_view bytes) {
    std::vector<IsoRecord> records;
    std::size_t at = 0;
    while (at + kRecordBytes < bytes.size() && records.size() < kNodesMax) {
        const std::size_t length = get_le<std::uint8_t>(bytes, at);
        if (length <= kRecordBytes || at + length > bytes.size()) {
            at = (at / superblock::kCdSector + 1) * superblock::kCdSector;
            continue;
        }
        const bool self_or_parent = static_cast<unsigned char>(bytes[at + kRecordBytes]) <= 1;
        if (!self_or_parent) {
            records.push_back(record_of(bytes.substr(at, length)));
        }
        at += length;
    }
    return records;
}

class IsoTree : public FileTree {
public:
    IsoTree(const vdisk::DiskSource& part, IsoRecord root) : part_(&part), root_(std::move(root)) {}

    Result<std::vector<Node>> list(const std::string& folder) const override {
        const auto found = TRY(find(folder));
        std::vector<Node> nodes;
        for (auto& record : TRY(records(found))) {
            nodes.push_back({.name = std::move(record.name),
                             .kind = record.folder ? NodeKind::folder : NodeKind::file,
                             .size_bytes = record.place.size});
        }
        std::ranges::sort(nodes, {}, &Node::name);
        return nodes;
    }

    Result<std::string> read(const std::string& file, std::size_t bytes_max) const override {
        const auto found = TRY(find_file(file));
        return vdisk::read_bytes(*part_, found.place.start,
                                 std::min<std::size_t>(bytes_max, found.place.size));
    }

    Result<std::optional<vdisk::Extent>> place(const std::string& file) const override {
        const auto found = TRY(find_file(file));
        return found.whole ? std::optional(found.place) : std::nullopt;
    }

private:
    Result<std::vector<IsoRecord>> records(const IsoRecord& folder) const {
        if (!folder.folder) {
            return fail(Fault::missing, fmt::format("{} is no folder", folder.name));
        }
        const auto size = std::min<std::size_t>(folder.place.size, kFolderBytesMax);
        return records_of(TRY(vdisk::read_bytes(*part_, folder.place.start, size)));
    }

    Result<IsoRecord> find(const std::string& path) const {
        IsoRecord at = root_;
        for (const auto& name : split(path, "/")) {
            const auto inside = TRY(records(at));
            const auto found = std::ranges::find(inside, name, &IsoRecord::name);
            if (found == inside.end()) {
                return fail(Fault::missing, fmt::format("there is no {}", path));
            }
            at = *found;
        }
        return at;
    }

    Result<IsoRecord> find_file(const std::string& path) const {
        auto found = TRY(find(path));
        if (found.folder) {
            return fail(Fault::missing, fmt::format("{} is a folder", path));
        }
        if (found.place.end() > part_->size_bytes()) {
            return fail(Fault::broken, fmt::format("{} reaches over the image's end", path));
        }
        return found;
    }

    const vdisk::DiskSource* part_;
    IsoRecord root_;
};

}  // namespace

Result<std::unique_ptr<FileTree>> open_iso_tree(const vdisk::DiskSource& part) {
    const auto block = TRY(superblock::iso_descriptor(part));
    if (!block) {
        return fail(Fault::broken, "not an ISO 9660 file system");
    }
    return std::make_unique<IsoTree>(part, record_of(std::string_view(*block).substr(156, 34)));
}

}  // namespace img::filetree
