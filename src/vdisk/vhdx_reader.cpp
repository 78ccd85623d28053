// VHDX, read: fixed and dynamic ones whose log holds nothing that would have to be applied.
#include "base/byte_order.hpp"
#include "base/byte_size.hpp"
#include "vdisk/block_disk.hpp"
#include "vdisk/disk_formats.hpp"
#include "vdisk/vhdx_layout.hpp"

#include <algorithm>
#include <bit>
#include <fmt/format.h>

namespace img::vdisk {
namespace {

constexpr std::uint64_t kSizeMax = 64 * 1024 * kGiB;  // [MS-VHDX], 2.6.2.2
constexpr std::size_t kRegionsMax = 2047;
constexpr std::size_t kItemsMax = 2047;

class VhdxDisk : public BlockDisk {
public:
    VhdxDisk(DiskFile file,
             std::uint64_t size,
             std::uint64_t block_bytes,
             std::uint64_t chunk,
             std::string table)
        : BlockDisk(size, block_bytes),
          file_(std::move(file)),
          chunk_(chunk),
          table_(std::move(table)) {}

protected:
    Result<std::uint64_t> next_block(std::uint64_t block) const override {
        const std::uint64_t end = std::min(blocks(), block + kEntriesACall);
        while (block < end &&
               (!is_present(entry(block)) || TRY(file_.is_hole(place_of(block), block_bytes())))) {
            ++block;
        }
        return block;
    }

    Result<void> read_block(std::uint64_t block,
                            std::uint64_t offset,
                            std::span<std::byte> into) const override {
        if (!is_present(entry(block))) {
            std::ranges::fill(into, std::byte{0});
            return {};
        }
        return file_.read(place_of(block) + offset, into);
    }

private:
    static bool is_present(std::uint64_t entry) {
        return (entry & 7) == static_cast<std::uint64_t>(VhdxState::fully_present);
    }

    std::uint64_t place_of(std::uint64_t block) const { return (entry(block) >> 20) * kVhdxUnit; }

    /// Behind the blocks of each chunk stands an entry for its bits.
    std::uint64_t entry(std::uint64_t block) const {
        return get_le<std::uint64_t>(table_, 8 * (block + block / chunk_));
    }

    DiskFile file_;
    std::uint64_t chunk_;
    std::string table_;
};

/// The valid header with the higher number is the current one.
Result<std::string> current_header(const DiskFile& file) {
    std::string best;
    for (const std::uint64_t at : {kVhdxHeaderAt, kVhdxSecondHeaderAt}) {
        std::string bytes = TRY(file.read_text(at, kVhdxHeaderBytes));
        const bool valid = bytes.starts_with("head") &&
                           get_le<std::uint32_t>(bytes, kVhdxChecksumAt) == vhdx_checksum(bytes);
        if (valid &&
            (best.empty() || get_le<std::uint64_t>(bytes, 8) > get_le<std::uint64_t>(best, 8))) {
            best = std::move(bytes);
        }
    }
    if (best.empty()) {
        return file.wrong("both headers of the VHDX are damaged");
    }
    return best;
}

Result<void> check_log(const DiskFile& file) {
    const std::string header = TRY(current_header(file));
    if (header.substr(48, 16).find_first_not_of('\0') != std::string::npos) {
        return file.wrong(
            "it was not closed, and changes in its log are still to be applied: open "
            "it once, or run `qemu-img check -r all`");
    }
    return {};
}

struct Region {
    std::uint64_t at = 0;
    std::uint32_t size = 0;
};

Result<std::string> region_list(const DiskFile& file) {
    for (const std::uint64_t at : {kVhdxRegionsAt, kVhdxSecondRegionsAt}) {
        std::string bytes = TRY(file.read_text(at, kVhdxRegionsBytes));
        if (bytes.starts_with("regi") &&
            get_le<std::uint32_t>(bytes, kVhdxChecksumAt) == vhdx_checksum(bytes)) {
            return bytes;
        }
    }
    return file.wrong("both lists of regions of the VHDX are damaged");
}

Result<Region> find_region(const DiskFile& file, std::string_view list, std::string_view name) {
    const std::string guid = vhdx_guid(name);
    const std::size_t count = std::min<std::size_t>(get_le<std::uint32_t>(list, 8), kRegionsMax);
    for (std::size_t i = 0; i < count; ++i) {
        const std::string_view entry = list.substr(16 + 32 * i, 32);
        if (entry.starts_with(guid)) {
            return Region{.at = get_le<std::uint64_t>(entry, 16),
                          .size = get_le<std::uint32_t>(entry, 24)};
        }
    }
    return file.wrong(fmt::format("the VHDX has no region {}", name));
}

/// The items that matter for reading, each by its name.
class Metadata {
public:
    static Result<Metadata> read(const DiskFile& file, const Region& region) {
        std::string list = TRY(file.read_text(region.at, kVhdxMetadataListBytes));
        if (!list.starts_with("metadata")) {
            return file.wrong("the metadata of the VHDX are damaged");
        }
        return Metadata(file, region, std::move(list));
    }

    template <typename T>
    Result<T> number(std::string_view name) const {
        const std::string guid = vhdx_guid(name);
        const std::size_t count =
            std::min<std::size_t>(get_le<std::uint16_t>(list_, 10), kItemsMax);
        for (std::size_t i = 0; i < count; ++i) {
            const auto entry = std::string_view(list_).substr(32 + 32 * i, 32);
            if (entry.starts_with(guid)) {
                const auto at = region_.at + get_le<std::uint32_t>(entry, 16);
                const std::string bytes = TRY(file_.read_text(at, sizeof(T)));
                return get_le<T>(bytes, 0);
            }
        }
        return file_.wrong(fmt::format("the VHDX does not say {}", name));
    }

private:
    Metadata(const DiskFile& file, Region region, std::string list)
        : file_(file), region_(region), list_(std::move(list)) {}

    const DiskFile& file_;
    Region region_;
    std::string list_;
};

struct Shape {
    std::uint64_t size_bytes = 0;
    std::uint64_t block_bytes = 0;
    std::uint64_t sector_bytes = 0;
};

Result<Shape> read_shape(const DiskFile& file, const Metadata& metadata) {
    const auto parameters = TRY(metadata.number<std::uint64_t>(kVhdxFileParameters));
    if (((parameters >> 32) & kVhdxHasParent) != 0) {
        return file.wrong("it holds only what differs from another VHDX; merge the two first");
    }
    Shape shape;
    shape.block_bytes = parameters & 0xffffffff;
    shape.size_bytes = TRY(metadata.number<std::uint64_t>(kVhdxDiskSize));
    shape.sector_bytes = TRY(metadata.number<std::uint32_t>(kVhdxSectorBytes));
    if (!std::has_single_bit(shape.block_bytes) || shape.block_bytes < kVhdxUnit ||
        shape.block_bytes > 256 * kMiB || shape.size_bytes > kSizeMax ||
        (shape.sector_bytes != 512 && shape.sector_bytes != 4096)) {
        return file.wrong(
            fmt::format("a disk of {} bytes in blocks of {}, sectors of {}: not what "
                        "a VHDX can be",
                        shape.size_bytes, shape.block_bytes, shape.sector_bytes));
    }
    return shape;
}

}  // namespace

Result<std::unique_ptr<DiskSource>> open_vhdx(DiskFile file) {
    TRY(check_log(file));
    const std::string regions = TRY(region_list(file));
    const Region metadata_region = TRY(find_region(file, regions, kVhdxMetadataRegion));
    const Region table_region = TRY(find_region(file, regions, kVhdxTableRegion));
    const Metadata metadata = TRY(Metadata::read(file, metadata_region));
    const Shape shape = TRY(read_shape(file, metadata));
    const std::uint64_t chunk = vhdx_chunk_blocks(shape.sector_bytes, shape.block_bytes);
    const std::uint64_t blocks = (shape.size_bytes + shape.block_bytes - 1) / shape.block_bytes;
    // 64 TiB in blocks of 1 MiB, the most that read_shape() lets through: 512 MiB + 128 KiB.
    const std::uint64_t table_bytes = 8 * (blocks + blocks / chunk);
    if (table_bytes > table_region.size) {
        return file.wrong(fmt::format("its block table of {} bytes is too short for the disk",
                                      table_region.size));
    }
    std::string table = TRY(file.read_text(table_region.at, table_bytes));
    return std::make_unique<VhdxDisk>(std::move(file), shape.size_bytes, shape.block_bytes, chunk,
                                      std::move(table));
}

}  // namespace img::vdisk
