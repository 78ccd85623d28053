// The superblock of XFS: the first sector, big-endian.
#include "base/byte_fields.hpp"
#include "base/byte_order.hpp"
#include "base/byte_size.hpp"
#include "superblock/superblock.hpp"
#include "vdisk/source_part.hpp"

#include <bit>
#include <fmt/format.h>

namespace img::superblock {

SuperblockFinding find_xfs(const vdisk::DiskSource& part) {
    // Fields of struct xfs_dsb ("XFS Algorithms & Data Structures", chapter "Superblocks").
    const auto block = TRY(vdisk::read_bytes(part, 0, 512));
    const auto block_bytes = get_be<std::uint32_t>(block, 4);
    const auto blocks = get_be<std::uint64_t>(block, 8);
    const auto free = get_be<std::uint64_t>(block, 144);
    if (!block.starts_with("XFSB") || !std::has_single_bit(block_bytes) || block_bytes < 512 ||
        block_bytes > 64 * kKiB || blocks == 0 || blocks >> 47 != 0) {
        return std::nullopt;
    }
    FileSystemDescription found{.kind = "xfs",
                                .label = text_at(block, 108, 12),
                                .uuid = uuid_at(block, 32).text(),
                                .size_bytes = blocks * block_bytes,
                                .details = fmt::format("blocks of {}", human_size(block_bytes))};
    if (free <= blocks) {
        found.used_bytes = (blocks - free) * block_bytes;
    }
    return found;
}

}  // namespace img::superblock
