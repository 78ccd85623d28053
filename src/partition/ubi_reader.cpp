#include "partition/ubi_reader.hpp"

#include "base/byte_fields.hpp"
#include "base/byte_order.hpp"
#include "base/byte_size.hpp"
#include "base/crc32.hpp"
#include "superblock/superblock.hpp"
#include "vdisk/source_part.hpp"

#include <algorithm>
#include <fmt/format.h>
#include <iterator>
#include <map>

namespace img::partition {
namespace {

// drivers/mtd/ubi/ubi-media.h; all numbers are big-endian, and checksums are not inverted.
constexpr std::size_t kHeaderBytes = 64;
constexpr std::uint32_t kLayoutVolume = 0x7fffefff;
constexpr std::size_t kVolumesMax = 128;
constexpr std::size_t kRecordBytes = 172;
// Eraseblocks of NAND and NOR chips; and as many of them as are looked at, 16 GiB of 128 KiB each.
constexpr std::uint64_t kEraseblockMin = 2 * kKiB;
constexpr std::uint64_t kEraseblockMax = 4 * kMiB;
constexpr std::uint64_t kEraseblocksMax = 131'072;

struct Geometry {
    std::uint64_t eraseblock = 0;
    std::uint64_t vid_offset = 0;
    std::uint64_t data_offset = 0;
    std::uint32_t sequence = 0;
    std::uint64_t blocks = 0;

    std::uint64_t leb() const { return eraseblock - data_offset; }
};

bool checks(std::string_view bytes) {
    const auto body = bytes.substr(0, bytes.size() - 4);
    return get_be<std::uint32_t>(bytes, bytes.size() - 4) == ~crc32(body);
}

Result<bool> begins_eraseblock(const vdisk::DiskSource& source, std::uint64_t at) {
    const auto header = TRY(vdisk::read_bytes(source, at, kHeaderBytes));
    return header.starts_with("UBI#") && checks(header);
}

/// The size of an eraseblock is written nowhere: it is where the second one begins.
Result<std::uint64_t> eraseblock_bytes(const vdisk::DiskSource& source) {
    for (std::uint64_t size = kEraseblockMin; size <= kEraseblockMax; size *= 2) {
        if (size < source.size_bytes() && TRY(begins_eraseblock(source, size))) {
            return size;
        }
    }
    return source.size_bytes();  // it has one only
}

Result<std::optional<Geometry>> read_geometry(const vdisk::DiskSource& source) {
    const auto header = TRY(vdisk::read_bytes(source, 0, kHeaderBytes));
    if (!TRY(begins_eraseblock(source, 0))) {
        return std::nullopt;
    }
    Geometry found{.eraseblock = TRY(eraseblock_bytes(source)),
                   .vid_offset = get_be<std::uint32_t>(header, 16),
                   .data_offset = get_be<std::uint32_t>(header, 20),
                   .sequence = get_be<std::uint32_t>(header, 24)};
    if (found.data_offset >= found.eraseblock || found.vid_offset >= found.data_offset) {
        return std::nullopt;
    }
    found.blocks = source.size_bytes() / found.eraseblock;
    return found;
}

/// The blocks of one volume, as the headers in front of their data tell.
struct Blocks {
    std::uint64_t count = 0;
    std::uint64_t stated = 0;              ///< As many as a static volume says that it has.
    std::optional<std::uint64_t> first{};  ///< Where the data of its first block stand.
};

Result<std::map<std::uint32_t, Blocks>> read_blocks(const vdisk::DiskSource& source,
                                                    const Geometry& geometry) {
    std::map<std::uint32_t, Blocks> volumes;
    for (std::uint64_t i = 0; i < std::min(geometry.blocks, kEraseblocksMax); ++i) {
        const std::uint64_t start = i * geometry.eraseblock;
        const auto header =
            TRY(vdisk::read_bytes(source, start + geometry.vid_offset, kHeaderBytes));
        const auto id = get_be<std::uint32_t>(header, 8);
        if (!header.starts_with("UBI!") || !checks(header) ||
            (id >= kVolumesMax && id != kLayoutVolume)) {
            continue;
        }
        auto& volume = volumes[id];
        ++volume.count;
        volume.stated = get_be<std::uint32_t>(header, 24);
        if (get_be<std::uint32_t>(header, 12) == 0) {
            volume.first = start + geometry.data_offset;
        }
    }
    return volumes;
}

struct VolumeRecord {
    UbiVolume volume{};
    std::uint64_t reserved = 0;  ///< Eraseblocks.
};

std::vector<VolumeRecord> records_of(std::string_view table) {
    std::vector<VolumeRecord> records;
    for (std::size_t i = 0; i < kVolumesMax && (i + 1) * kRecordBytes <= table.size(); ++i) {
        const auto record = table.substr(i * kRecordBytes, kRecordBytes);
        const auto reserved = get_be<std::uint32_t>(record, 0);
        if (reserved == 0 || !checks(record)) {
            continue;
        }
        const auto length = std::min<std::size_t>(get_be<std::uint16_t>(record, 14), 127);
        records.push_back({.volume = {.id = static_cast<std::uint32_t>(i),
                                      .name = text_at(record, 16, length),
                                      .fixed = get_le<std::uint8_t>(record, 12) == 2,
                                      .growing = (get_le<std::uint8_t>(record, 144) & 1) != 0},
                           .reserved = reserved});
    }
    return records;
}

Result<UbiVolume> volume_of(const vdisk::DiskSource& source,
                            const Geometry& geometry,
                            const VolumeRecord& record,
                            const Blocks& blocks) {
    UbiVolume volume = record.volume;
    volume.start_bytes = blocks.first.value_or(0);
    volume.size_bytes = record.reserved * geometry.leb();
    if (blocks.first) {
        const vdisk::SourcePart leb(source, {.start = *blocks.first, .size = geometry.leb()});
        volume.file_system = TRY(superblock::find_file_system(leb));
    }
    return volume;
}

/// As many eraseblocks as the volume's content takes; those that it reserves need not be there.
std::uint64_t blocks_needed(const UbiVolume& volume, const Blocks& blocks, std::uint64_t leb) {
    if (volume.fixed) {
        return blocks.stated;
    }
    return volume.file_system ? volume.file_system->size_bytes / leb +
                                    (volume.file_system->size_bytes % leb != 0 ? 1 : 0)
                              : 0;
}

/// Blocks of a volume may be missing because nothing was ever written to them. Then the chip has
/// as many free ones; in an image that was cut they are not there.
std::vector<std::string> check_blocks(const UbiImage& image,
                                      const std::map<std::uint32_t, Blocks>& blocks,
                                      const Geometry& geometry) {
    std::uint64_t used = 0;
    for (const auto& [id, volume] : blocks) {
        used += volume.count;
    }
    std::vector<std::string> sentences;
    std::uint64_t missing = 0;
    for (const auto& volume : image.volumes) {
        const auto own = blocks.find(volume.id);
        const auto there = own == blocks.end() ? Blocks{} : own->second;
        const auto needed = blocks_needed(volume, there, geometry.leb());
        if (needed > there.count) {
            missing += needed - there.count;
            sentences.push_back(
                fmt::format("volume {} ({}) needs {} eraseblocks, and {} are there: the image was "
                            "cut short",
                            volume.id, volume.name, needed, there.count));
        }
    }
    const bool all_looked_at = geometry.blocks <= kEraseblocksMax;
    return all_looked_at && used + missing > geometry.blocks ? sentences
                                                             : std::vector<std::string>{};
}

superblock::FileSystemDescription describe_geometry(const Geometry& geometry, std::uint64_t used) {
    return {.kind = "UBI",
            .label = {},
            .uuid = {},
            .size_bytes = geometry.blocks * geometry.eraseblock,
            .used_bytes = used * geometry.eraseblock,
            .details = fmt::format(
                "eraseblocks of {}, of which {} bytes are data; headers at 0 and {}; image "
                "sequence number {}",
                human_size(geometry.eraseblock), geometry.leb(), geometry.vid_offset,
                geometry.sequence)};
}

}  // namespace

Result<std::optional<UbiImage>> read_ubi(const vdisk::DiskSource& source) {
    const auto geometry = TRY(read_geometry(source));
    if (!geometry) {
        return std::nullopt;
    }
    const auto blocks = TRY(read_blocks(source, *geometry));
    std::uint64_t used = 0;
    for (const auto& [id, volume] : blocks) {
        used += volume.count;
    }
    UbiImage found{.image = describe_geometry(*geometry, used)};
    const auto layout = blocks.find(kLayoutVolume);
    if (layout == blocks.end() || !layout->second.first) {
        found.remarks.emplace_back("the UBI image has no table of volumes: it is damaged");
        return found;
    }
    const auto table =
        TRY(vdisk::read_bytes(source, *layout->second.first, kVolumesMax * kRecordBytes));
    for (const auto& record : records_of(table)) {
        const auto own = blocks.find(record.volume.id);
        found.volumes.push_back(TRY(
            volume_of(source, *geometry, record, own == blocks.end() ? Blocks{} : own->second)));
    }
    std::ranges::move(check_blocks(found, blocks, *geometry), std::back_inserter(found.remarks));
    if (geometry->blocks > kEraseblocksMax) {
        found.remarks.push_back(
            fmt::format("only the first {} eraseblocks were looked at", kEraseblocksMax));
    }
    return found;
}

}  // namespace img::partition
