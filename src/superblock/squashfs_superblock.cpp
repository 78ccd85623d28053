// The superblock of squashfs 4: the first 96 bytes, little-endian.
#include "base/byte_order.hpp"
#include "base/byte_size.hpp"
#include "superblock/superblock.hpp"
#include "vdisk/source_part.hpp"

#include <array>
#include <bit>
#include <fmt/format.h>

namespace img::superblock {

SuperblockFinding find_squashfs(const vdisk::DiskSource& part) {
    // struct squashfs_super_block of the kernel; compressors are counted from 1.
    constexpr std::array<std::string_view, 7> kPackings = {"?",  "gzip", "lzma", "lzo",
                                                           "xz", "lz4",  "zstd"};
    const auto block = TRY(vdisk::read_bytes(part, 0, 96));
    const auto block_bytes = get_le<std::uint32_t>(block, 12);
    const auto packing = get_le<std::uint16_t>(block, 20);
    const auto used = get_le<std::uint64_t>(block, 40);
    if (!block.starts_with("hsqs") || get_le<std::uint16_t>(block, 28) != 4 ||
        !std::has_single_bit(block_bytes) || used >> 62 != 0) {
        return std::nullopt;
    }
    return FileSystemDescription{
        .kind = "squashfs",
        .size_bytes = used,
        .used_bytes = used,
        .created = get_le<std::uint32_t>(block, 8),
        .details = fmt::format("{}, blocks of {}, {} inodes",
                               kPackings.at(packing < kPackings.size() ? packing : 0),
                               human_size(block_bytes), get_le<std::uint32_t>(block, 4))};
}

}  // namespace img::superblock
