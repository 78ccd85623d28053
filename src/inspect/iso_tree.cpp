// ISO 9660: what its primary volume descriptor says, and its files, under their Rock Ridge names.
#include "base/byte_fields.hpp"
#include "base/byte_order.hpp"
#include "base/text.hpp"
#include "inspect/file_tree.hpp"
#include "inspect/superblock.hpp"
#include "vdisk/source_part.hpp"

#include <algorithm>
#include <cctype>
#include <charconv>
#include <chrono>
#include <fmt/format.h>

namespace img::inspect {
namespace {

// ECMA-119; sectors have 2048 bytes, descriptors begin in sector 16.
constexpr std::uint64_t kSector = 2048;
constexpr std::uint64_t kDescriptor = 16 * kSector;
constexpr std::size_t kRecordBytes = 33;  // of a folder's record before the name
constexpr std::uint8_t kFolderFlag = 0x02;
constexpr std::uint8_t kMoreExtents = 0x80;
constexpr std::size_t kFolderBytesMax = 4 << 20;

Result<std::optional<std::string>> primary_descriptor(const vdisk::DiskSource& part) {
    auto block = TRY(vdisk::read_bytes(part, kDescriptor, kSector));
    const bool there = block.front() == '\1' && block.compare(1, 5, "CD001") == 0 &&
                       get_le<std::uint16_t>(block, 128) == kSector;
    return there ? std::optional(std::move(block)) : std::nullopt;
}

std::optional<int> number_at(std::string_view block, std::size_t at, std::size_t digits) {
    int value = 0;
    const auto text = block.substr(at, digits);
    const auto end = text.data() + text.size();
    const auto read = std::from_chars(text.data(), end, value);
    return read.ptr == end ? std::optional(value) : std::nullopt;
}

/// Seconds since 1970; the numbers are as a calendar writes them, and nothing is checked.
std::int64_t seconds_of(int year, unsigned month, unsigned day, std::int64_t second_of_day) {
    const std::chrono::sys_days date =
        std::chrono::year(year) / std::chrono::month(month) / std::chrono::day(day);
    return std::chrono::duration_cast<std::chrono::seconds>(date.time_since_epoch()).count() +
           second_of_day;
}

/// "YYYYMMDDHHMMSScc", then the distance from Greenwich in quarters of an hour (8.4.26.1).
std::optional<std::int64_t> time_at(std::string_view block, std::size_t at) {
    const auto year = number_at(block, at, 4);
    const auto month = number_at(block, at + 4, 2);
    const auto day = number_at(block, at + 6, 2);
    const auto hour = number_at(block, at + 8, 2);
    const auto minute = number_at(block, at + 10, 2);
    const auto second = number_at(block, at + 12, 2);
    if (!year || !month || !day || !hour || !minute || !second || *year < 1 || *month < 1) {
        return std::nullopt;
    }
    const auto zone = static_cast<std::int8_t>(block.at(at + 16));
    return seconds_of(*year, static_cast<unsigned>(*month), static_cast<unsigned>(*day),
                      *hour * 3600L + *minute * 60L + *second - zone * 900L);
}

/// The time of modification, or else of creation, in blkid's spelling: "2026-11-22-10-07-43-00".
std::string uuid_of(std::string_view block) {
    const auto digits = block.substr(time_at(block, 830) ? 830 : 813, 16);
    if (!std::ranges::all_of(digits, [](char c) { return c >= '0' && c <= '9'; })) {
        return {};
    }
    std::string text(digits.substr(0, 4));
    for (std::size_t at = 4; at < digits.size(); at += 2) {
        text += fmt::format("-{}", digits.substr(at, 2));
    }
    return text;
}

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
            .place = {.start = start * kSector, .size = get_le<std::uint32_t>(bytes, 10)}};
}

/// Records never cross a sector; a length of 0 sends on to the next one.
std::vector<IsoRecord> records_of(std::string_view bytes) {
    std::vector<IsoRecord> records;
    std::size_t at = 0;
    while (at + kRecordBytes < bytes.size() && records.size() < kNodesMax) {
        const std::size_t length = get_le<std::uint8_t>(bytes, at);
        if (length <= kRecordBytes || at + length > bytes.size()) {
            at = (at / kSector + 1) * kSector;
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

SuperblockFinding find_iso(const vdisk::DiskSource& part) {
    const auto block = TRY(primary_descriptor(part));
    if (!block) {
        return std::nullopt;
    }
    const auto size = get_le<std::uint32_t>(*block, 80) * kSector;
    const auto maker = text_at(*block, 574, 128);
    return FileSystemDescription{.kind = "iso9660",
                                 .label = text_at(*block, 40, 32),
                                 .uuid = uuid_of(*block),
                                 .size_bytes = size,
                                 .used_bytes = size,
                                 .created = time_at(*block, 813),
                                 .written = time_at(*block, 830),
                                 .details = maker};
}

Result<std::unique_ptr<FileTree>> open_iso_tree(const vdisk::DiskSource& part) {
    const auto block = TRY(primary_descriptor(part));
    if (!block) {
        return fail(Fault::broken, "not an ISO 9660 file system");
    }
    return std::make_unique<IsoTree>(part, record_of(std::string_view(*block).substr(156, 34)));
}

}  // namespace img::inspect
