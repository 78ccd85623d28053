#include "superblock/vfat_folder.hpp"

#include "base/byte_fields.hpp"
#include "base/byte_order.hpp"
#include "base/utf16.hpp"
#include "vdisk/source_part.hpp"

#include <algorithm>
#include <cctype>
#include <fmt/format.h>

namespace img::superblock {
namespace {

constexpr std::size_t kEntryBytes = 32;
constexpr std::uint8_t kLongName = 0x0f;
constexpr std::uint8_t kVolumeLabel = 0x08;
constexpr std::uint8_t kFolder = 0x10;
constexpr char kDeleted = '\xe5';
constexpr std::size_t kLongNameUnits = 255;
constexpr std::size_t kWindowBytes = 4096;  // of the FAT: a chain mostly goes straight on
// Bits of the byte at 12 by which Windows NT marks a short name as lower case.
constexpr std::uint8_t kLowerBase = 0x08;
constexpr std::uint8_t kLowerExtension = 0x10;

std::string lowered(std::string text, bool really) {
    if (really) {
        std::ranges::transform(text, text.begin(), [](unsigned char letter) {
            return static_cast<char>(std::tolower(letter));
        });
    }
    return text;
}

std::string short_name(std::string_view entry) {
    const auto marks = get_le<std::uint8_t>(entry, 12);
    const auto base = lowered(text_at(entry, 0, 8), (marks & kLowerBase) != 0);
    const auto extension = lowered(text_at(entry, 8, 3), (marks & kLowerExtension) != 0);
    return extension.empty() ? base : base + "." + extension;
}

/// The 13 UTF-16 units of one piece of a long name; the pieces come last first.
std::u16string name_piece(std::string_view entry) {
    constexpr std::size_t kPlaces[] = {1, 3, 5, 7, 9, 14, 16, 18, 20, 22, 24, 28, 30};
    std::u16string piece;
    for (const auto at : kPlaces) {
        const auto unit = get_le<std::uint16_t>(entry, at);
        if (unit == 0) {
            break;
        }
        piece += static_cast<char16_t>(unit);
    }
    return piece;
}

/// Gathers the pieces of long names while a folder is gone through.
class FolderText {
public:
    explicit FolderText(std::string bytes) : bytes_(std::move(bytes)) {}

    std::vector<VfatEntry> entries() {
        std::vector<VfatEntry> found;
        for (std::size_t at = 0;
             at + kEntryBytes <= bytes_.size() && found.size() < kVfatEntriesMax;
             at += kEntryBytes) {
            const auto entry = std::string_view(bytes_).substr(at, kEntryBytes);
            if (entry.front() == '\0') {
                break;  // nothing was ever written from here on
            }
            if (const auto read = take(entry)) {
                found.push_back(*read);
            }
        }
        return found;
    }

private:
    std::optional<VfatEntry> take(std::string_view entry) {
        const auto attributes = get_le<std::uint8_t>(entry, 11);
        if (entry.front() == kDeleted) {
            long_name_.clear();
            return std::nullopt;
        }
        if ((attributes & kLongName) == kLongName) {
            long_name_ = name_piece(entry) + long_name_.substr(0, kLongNameUnits);
            return std::nullopt;
        }
        const auto name = long_name_.empty() ? short_name(entry) : utf8(long_name_);
        long_name_.clear();
        if (name == "." || name == "..") {
            return std::nullopt;
        }
        const bool label = (attributes & kVolumeLabel) != 0;
        return VfatEntry{
            .name = label ? text_at(entry, 0, 11) : name,
            .folder = (attributes & kFolder) != 0,
            .label = label,
            .first_cluster = static_cast<std::uint32_t>(get_le<std::uint16_t>(entry, 20) << 16 |
                                                        get_le<std::uint16_t>(entry, 26)),
            .size_bytes = get_le<std::uint32_t>(entry, 28)};
    }

    std::string bytes_;
    std::u16string long_name_;
};

std::uint64_t zeros_in(std::string_view fat, unsigned bits, std::uint64_t clusters) {
    std::uint64_t zeros = 0;
    for (std::uint64_t cluster = 2; cluster < clusters + 2; ++cluster) {
        const std::size_t at = cluster * bits / 8;
        if (at + 2 > fat.size()) {
            break;
        }
        unsigned value = get_le<std::uint16_t>(fat, at);
        if (bits == 12) {
            value = cluster % 2 == 0 ? value & 0xfffU : value >> 4;
        }
        zeros += value == 0 ? 1 : 0;
    }
    return zeros;
}

}  // namespace

bool VfatReader::in_use(std::uint32_t cluster) const {
    return cluster >= 2 && cluster - 2 < geometry_.clusters;
}

std::uint64_t VfatReader::start_of(std::uint32_t cluster) const {
    return geometry_.data_start + (std::uint64_t{cluster} - 2) * geometry_.cluster_bytes;
}

Result<std::uint32_t> VfatReader::next(std::uint32_t cluster) const {
    const std::uint64_t at = std::uint64_t{cluster} * geometry_.bits / 8;
    if (at + 4 > geometry_.fat_bytes + 2) {
        return 0U;
    }
    if (window_.empty() || at < window_start_ || at + 4 > window_start_ + window_.size()) {
        window_start_ = at;
        window_ = TRY(vdisk::read_bytes(*part_, geometry_.fat_start + at, kWindowBytes));
    }
    const auto value = get_le<std::uint32_t>(window_, at - window_start_);
    switch (geometry_.bits) {
        case 12: return cluster % 2 == 0 ? value & 0xfffU : value >> 4 & 0xfffU;
        case 16: return value & 0xffffU;
        default: return value & 0x0fffffffU;  // the upper four bits are no part of it
    }
}

Result<std::string> VfatReader::content(std::uint32_t first_cluster, std::size_t bytes_max) const {
    std::string bytes;
    std::uint32_t cluster = first_cluster;
    while (bytes.size() < bytes_max && in_use(cluster)) {
        const auto size =
            std::min<std::uint64_t>(geometry_.cluster_bytes, bytes_max - bytes.size());
        bytes += TRY(vdisk::read_bytes(*part_, start_of(cluster), size));
        cluster = TRY(next(cluster));
    }
    return bytes;
}

Result<std::vector<VfatEntry>> VfatReader::folder(std::uint32_t first_cluster) const {
    // A long name takes up to 20 entries beside the short one.
    constexpr std::size_t kFolderBytesMax = kVfatEntriesMax * kEntryBytes * 21;
    const bool flat_root = first_cluster == 0 && geometry_.bits != 32;
    const auto begin = first_cluster == 0 ? geometry_.root_cluster : first_cluster;
    if (flat_root) {
        return FolderText(TRY(vdisk::read_bytes(*part_, geometry_.root_start,
                                                std::min(geometry_.root_bytes, kFolderBytesMax))))
            .entries();
    }
    return FolderText(TRY(content(begin, kFolderBytesMax))).entries();
}

Result<std::optional<vdisk::Extent>> VfatReader::place(std::uint32_t first_cluster,
                                                       std::uint64_t size_bytes) const {
    std::uint32_t cluster = first_cluster;
    for (std::uint64_t done = 0; done < size_bytes; done += geometry_.cluster_bytes) {
        if (!in_use(cluster)) {
            return std::nullopt;
        }
        const bool last = size_bytes - done <= geometry_.cluster_bytes;
        if (!last && TRY(next(cluster)) != cluster + 1) {
            return std::nullopt;
        }
        ++cluster;
    }
    return vdisk::Extent{.start = start_of(first_cluster), .size = size_bytes};
}

Result<std::optional<std::uint64_t>> VfatReader::free_clusters() const {
    if (geometry_.bits == 32) {
        const auto info = TRY(vdisk::read_bytes(*part_, geometry_.info_sector_start, 512));
        const auto free = get_le<std::uint32_t>(info, 488);
        const bool marked =
            info.starts_with("RRaA") && std::string_view(info).substr(484, 4) == "rrAa";
        return marked && free <= geometry_.clusters ? std::optional<std::uint64_t>(free)
                                                    : std::nullopt;
    }
    constexpr std::uint64_t kFat16BytesMax = 128 * 1024;  // 65536 entries of two bytes
    const auto fat = TRY(vdisk::read_bytes(*part_, geometry_.fat_start,
                                           std::min(geometry_.fat_bytes, kFat16BytesMax)));
    return zeros_in(fat, geometry_.bits, geometry_.clusters);
}

}  // namespace img::superblock
