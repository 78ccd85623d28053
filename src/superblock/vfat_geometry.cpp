#include "superblock/vfat_geometry.hpp"

#include "base/byte_fields.hpp"
#include "base/byte_order.hpp"
#include "vdisk/source_part.hpp"

#include <bit>

namespace img::superblock {
namespace {

// Fields of the boot sector as Microsoft's "FAT: General Overview of On-Disk Format" (1.03) has
// them; the number of clusters alone decides between 12, 16 and 32 bits.
constexpr std::uint64_t kClusters12Max = 4084;
constexpr std::uint64_t kClusters16Max = 65524;
constexpr std::uint64_t kClusters32Max = 0x0ffffff5;

struct Counts {
    std::uint64_t sector = 0;
    std::uint64_t cluster = 0;  ///< In sectors, like those that follow.
    std::uint64_t reserved = 0;
    std::uint64_t fats = 0;
    std::uint64_t fat = 0;
    std::uint64_t root = 0;
    std::uint64_t all = 0;

    std::uint64_t before_data() const { return reserved + fats * fat + root; }
};

Counts counts_of(std::string_view boot) {
    Counts counts{.sector = get_le<std::uint16_t>(boot, 0x0b),
                  .cluster = get_le<std::uint8_t>(boot, 0x0d),
                  .reserved = get_le<std::uint16_t>(boot, 0x0e),
                  .fats = get_le<std::uint8_t>(boot, 0x10),
                  .fat = get_le<std::uint16_t>(boot, 0x16),
                  .all = get_le<std::uint16_t>(boot, 0x13)};
    if (counts.sector != 0) {
        counts.root = (get_le<std::uint16_t>(boot, 0x11) * 32U + counts.sector - 1) / counts.sector;
    }
    if (counts.fat == 0) {
        counts.fat = get_le<std::uint32_t>(boot, 0x24);
    }
    if (counts.all == 0) {
        counts.all = get_le<std::uint32_t>(boot, 0x20);
    }
    return counts;
}

bool plausible(std::string_view boot, const Counts& counts) {
    const bool jump = boot.starts_with('\xeb') || boot.starts_with('\xe9');
    return jump && get_le<std::uint16_t>(boot, 510) == 0xaa55 &&
           std::has_single_bit(counts.sector) && counts.sector >= 512 && counts.sector <= 4096 &&
           std::has_single_bit(counts.cluster) && counts.reserved > 0 && counts.fats >= 1 &&
           counts.fats <= 2 && counts.fat > 0 && counts.all > counts.before_data();
}

unsigned bits_for(std::uint64_t clusters) {
    return clusters <= kClusters12Max ? 12 : clusters <= kClusters16Max ? 16 : 32;
}

}  // namespace

Result<std::optional<VfatGeometry>> vfat_geometry(const vdisk::DiskSource& part) {
    const auto boot = TRY(vdisk::read_bytes(part, 0, 512));
    const Counts counts = counts_of(boot);
    if (!plausible(boot, counts)) {
        return std::nullopt;
    }
    const std::uint64_t clusters = (counts.all - counts.before_data()) / counts.cluster;
    const bool wide = bits_for(clusters) == 32;
    if (clusters == 0 || clusters > kClusters32Max || wide != (counts.root == 0)) {
        return std::nullopt;
    }
    VfatGeometry found{.bits = bits_for(clusters),
                       .cluster_bytes = counts.cluster * counts.sector,
                       .fat_start = counts.reserved * counts.sector,
                       .fat_bytes = counts.fat * counts.sector,
                       .root_start = (counts.reserved + counts.fats * counts.fat) * counts.sector,
                       .root_bytes = counts.root * counts.sector,
                       .data_start = counts.before_data() * counts.sector,
                       .clusters = clusters,
                       .size_bytes = counts.all * counts.sector,
                       .serial = get_le<std::uint32_t>(boot, wide ? 0x43 : 0x27),
                       .label = text_at(boot, wide ? 0x47 : 0x2b, 11)};
    if (wide) {
        found.root_cluster = get_le<std::uint32_t>(boot, 0x2c);
        found.info_sector_start = get_le<std::uint16_t>(boot, 0x30) * counts.sector;
    }
    return found;
}

}  // namespace img::superblock
