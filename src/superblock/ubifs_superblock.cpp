// The superblock node of UBIFS: in its first logical eraseblock, little-endian.
#include "base/byte_fields.hpp"
#include "base/byte_order.hpp"
#include "base/byte_size.hpp"
#include "base/crc32.hpp"
#include "superblock/superblock.hpp"
#include "vdisk/source_part.hpp"

#include <array>
#include <fmt/format.h>

namespace img::superblock {

SuperblockFinding find_ubifs(const vdisk::DiskSource& part) {
    // struct ubifs_sb_node of fs/ubifs/ubifs-media.h; the checksum leaves out the first 8 bytes and
    // is not inverted at the end.
    constexpr std::uint32_t kMagic = 0x06101831;
    constexpr std::size_t kNodeBytes = 4096;
    constexpr std::uint8_t kSuperblockNode = 6;
    constexpr std::array<std::string_view, 4> kPackings = {"none", "lzo", "zlib", "zstd"};
    const auto node = TRY(vdisk::read_bytes(part, 0, kNodeBytes));
    const auto leb_bytes = get_le<std::uint32_t>(node, 36);
    const auto lebs = get_le<std::uint32_t>(node, 40);
    const auto packing = get_le<std::uint16_t>(node, 84);
    if (get_le<std::uint32_t>(node, 0) != kMagic ||
        get_le<std::uint8_t>(node, 20) != kSuperblockNode ||
        get_le<std::uint32_t>(node, 4) != ~crc32(std::string_view(node).substr(8))) {
        return std::nullopt;
    }
    return FileSystemDescription{
        .kind = "ubifs",
        .uuid = uuid_at(node, 108).text(),
        .size_bytes = std::uint64_t{lebs} * leb_bytes,
        .details = fmt::format("{}, {} of at most {} logical eraseblocks of {}",
                               packing < kPackings.size() ? kPackings.at(packing) : "?", lebs,
                               get_le<std::uint32_t>(node, 44), human_size(leb_bytes))};
}

}  // namespace img::superblock
