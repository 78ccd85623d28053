// JFFS2 has no superblock: its first eraseblock begins with a node, whose header has a checksum.
#include "base/byte_order.hpp"
#include "base/crc32.hpp"
#include "superblock/superblock.hpp"
#include "vdisk/source_part.hpp"

namespace img::superblock {
namespace {

constexpr std::uint16_t kMagic = 0x1985;
constexpr std::size_t kHeaderBytes = 12;

/// JFFS2's CRC begins with 0 and inverts nothing (crc32() of the kernel, called with 0), so it is
/// the usual one told another beginning and inverted back.
std::uint32_t jffs2_crc(std::string_view bytes) {
    return ~crc32(bytes, 0xffffffff);
}

template <typename Get16, typename Get32>
bool is_node(std::string_view header, Get16 get16, Get32 get32) {
    return get16(header, 0) == kMagic && get32(header, 4) >= kHeaderBytes &&
           get32(header, 8) == jffs2_crc(header.substr(0, 8));
}

}  // namespace

SuperblockFinding find_jffs2(const vdisk::DiskSource& part) {
    const auto header = TRY(vdisk::read_bytes(part, 0, kHeaderBytes));
    const bool little = is_node(header, get_le<std::uint16_t>, get_le<std::uint32_t>);
    const bool big = is_node(header, get_be<std::uint16_t>, get_be<std::uint32_t>);
    if (!little && !big) {
        return std::nullopt;
    }
    return FileSystemDescription{.kind = "jffs2",
                                 .size_bytes = part.size_bytes(),
                                 .details = little ? "little-endian" : "big-endian"};
}

}  // namespace img::superblock
