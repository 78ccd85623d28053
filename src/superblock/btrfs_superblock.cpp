// The first superblock of btrfs: 4096 bytes at 64 KiB, little-endian.
#include "base/byte_fields.hpp"
#include "base/byte_order.hpp"
#include "base/byte_size.hpp"
#include "superblock/superblock.hpp"
#include "vdisk/source_part.hpp"

#include <fmt/format.h>

namespace img::superblock {

SuperblockFinding find_btrfs(const vdisk::DiskSource& part) {
    // Fields as btrfs-progs documents them under "On-disk format".
    constexpr std::uint64_t kPlace = 64 * kKiB;
    constexpr std::size_t kSize = 4096;
    const auto block = TRY(vdisk::read_bytes(part, kPlace, kSize));
    if (std::string_view(block).substr(0x40, 8) != "_BHRfS_M") {
        return std::nullopt;
    }
    FileSystemDescription found{.kind = "btrfs",
                                .label = text_at(block, 0x12b, 256),
                                .uuid = uuid_at(block, 0x20).text(),
                                .size_bytes = get_le<std::uint64_t>(block, 0x70),
                                .used_bytes = get_le<std::uint64_t>(block, 0x78)};
    if (const auto devices = get_le<std::uint64_t>(block, 0x88); devices > 1) {
        // What was told is of all devices together; this one's own size stands in its dev_item.
        found.size_bytes = get_le<std::uint64_t>(block, 0xd1);
        found.used_bytes = std::nullopt;
        found.details = fmt::format("one of {} devices", devices);
    }
    return found;
}

}  // namespace img::superblock
