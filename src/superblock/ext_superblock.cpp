// The superblock of ext2, ext3 and ext4: 1024 bytes at offset 1024, little-endian.
#include "base/byte_fields.hpp"
#include "base/byte_order.hpp"
#include "base/byte_size.hpp"
#include "superblock/superblock.hpp"
#include "vdisk/source_part.hpp"

#include <fmt/format.h>

namespace img::superblock {
namespace {

// Offsets and bits as the kernel documents them (Documentation/filesystems/ext4/super.rst).
constexpr std::uint64_t kPlace = 1024;
constexpr std::size_t kSize = 1024;
constexpr std::uint16_t kMagic = 0xef53;
constexpr unsigned kLogBlockMax = 6;  // blocks of 64 KiB
constexpr std::uint32_t kHasJournal = 0x4;
constexpr std::uint32_t kJournalDevice = 0x8;
constexpr std::uint32_t k64Bit = 0x80;
// What ext3 knows: sparse_super, large_file, btree_dir; filetype, recover, meta_bg.
constexpr std::uint32_t kExt3ReadOnly = 0x1 | 0x2 | 0x4;
constexpr std::uint32_t kExt3Incompatible = 0x2 | 0x4 | 0x10;

std::string kind_of(std::string_view block) {
    const auto incompatible = get_le<std::uint32_t>(block, 0x60);
    const auto read_only = get_le<std::uint32_t>(block, 0x64);
    if ((incompatible & ~kExt3Incompatible) != 0 || (read_only & ~kExt3ReadOnly) != 0) {
        return "ext4";
    }
    return (get_le<std::uint32_t>(block, 0x5c) & kHasJournal) != 0 ? "ext3" : "ext2";
}

/// Low words and, where the feature 64bit is on, the high ones at `high`.
std::uint64_t count_at(std::string_view block, std::size_t low, std::size_t high) {
    const bool wide = (get_le<std::uint32_t>(block, 0x60) & k64Bit) != 0;
    const std::uint64_t upper = wide ? get_le<std::uint32_t>(block, high) : 0;
    return upper << 32 | get_le<std::uint32_t>(block, low);
}

std::optional<std::int64_t> time_at(std::string_view block, std::size_t low, std::size_t high) {
    const auto seconds = static_cast<std::int64_t>(get_le<std::uint32_t>(block, low)) |
                         static_cast<std::int64_t>(get_le<std::uint8_t>(block, high)) << 32;
    return seconds == 0 ? std::nullopt : std::optional(seconds);
}

}  // namespace

SuperblockFinding find_ext(const vdisk::DiskSource& part) {
    const auto block = TRY(vdisk::read_bytes(part, kPlace, kSize));
    const auto log_block = get_le<std::uint32_t>(block, 0x18);
    const std::uint64_t blocks = count_at(block, 0x04, 0x150);
    const std::uint64_t free = count_at(block, 0x0c, 0x158);
    const bool journal = (get_le<std::uint32_t>(block, 0x60) & kJournalDevice) != 0;
    if (get_le<std::uint16_t>(block, 0x38) != kMagic || log_block > kLogBlockMax || blocks == 0 ||
        blocks >> 48 != 0 || journal) {
        return std::nullopt;
    }
    const std::uint64_t block_bytes = std::uint64_t{1024} << log_block;
    FileSystemDescription found{.kind = kind_of(block),
                                .label = text_at(block, 0x78, 16),
                                .uuid = uuid_at(block, 0x68).text(),
                                .size_bytes = blocks * block_bytes,
                                .created = time_at(block, 0x108, 0x276),
                                .written = time_at(block, 0x30, 0x274),
                                .details = fmt::format("blocks of {}", human_size(block_bytes))};
    if (free <= blocks) {
        found.used_bytes = (blocks - free) * block_bytes;
    }
    return found;
}

}  // namespace img::superblock
