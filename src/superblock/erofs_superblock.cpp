// The superblock of EROFS: 128 bytes at offset 1024, little-endian.
#include "base/byte_fields.hpp"
#include "base/byte_order.hpp"
#include "base/byte_size.hpp"
#include "superblock/superblock.hpp"
#include "vdisk/source_part.hpp"

#include <fmt/format.h>

namespace img::superblock {
namespace {

/// A UUID of zeros is none.
std::string uuid_or_none(std::string_view block, std::size_t at) {
    const auto uuid = uuid_at(block, at);
    return uuid == Uuid{} ? std::string() : uuid.text();
}

}  // namespace

SuperblockFinding find_erofs(const vdisk::DiskSource& part) {
    // struct erofs_super_block of fs/erofs/erofs_fs.h.
    constexpr std::uint32_t kMagic = 0xe0f5e1e2;
    const auto block = TRY(vdisk::read_bytes(part, 1024, 128));
    const auto log_block = get_le<std::uint8_t>(block, 12);
    if (get_le<std::uint32_t>(block, 0) != kMagic || log_block < 9 || log_block > 16) {
        return std::nullopt;
    }
    const std::uint64_t size = std::uint64_t{get_le<std::uint32_t>(block, 36)} << log_block;
    const auto created = get_le<std::uint64_t>(block, 24);
    FileSystemDescription found{
        .kind = "erofs",
        .label = text_at(block, 64, 16),
        .uuid = uuid_or_none(block, 48),
        .size_bytes = size,
        .used_bytes = size,
        .details = fmt::format("blocks of {}, {} inodes", human_size(std::uint64_t{1} << log_block),
                               get_le<std::uint64_t>(block, 16))};
    if (created >> 48 == 0) {
        found.created = static_cast<std::int64_t>(created);
    }
    return found;
}

}  // namespace img::superblock
