#include "volume/flash_nodes.hpp"

#include "base/byte_order.hpp"
#include "base/byte_size.hpp"
#include "base/crc32.hpp"

#include <algorithm>
#include <array>
#include <fmt/format.h>
#include <string_view>

namespace img::volume {
namespace {

// struct ubifs_ch of the kernel's ubifs-media.h, and of the nodes that begin with it.
constexpr std::uint32_t kUbifsMagic = 0x06101831;
constexpr std::size_t kUbifsHeader = 24;
constexpr std::size_t kUbifsCrcFrom = 8;  // all behind magic and checksum is in the checksum
constexpr std::uint8_t kUbifsInode = 0;
constexpr std::uint8_t kUbifsSuper = 6;
constexpr std::size_t kUbifsInodeBytes = 160;
constexpr std::size_t kUbifsTimes = 56;        // access, change, modification; 8 bytes each
constexpr std::size_t kUbifsNanoseconds = 80;  // the same three, 4 bytes each
constexpr std::size_t kUbifsUuid = 108;

// struct jffs2_unknown_node, jffs2_raw_dirent and jffs2_raw_inode of include/uapi/linux/jffs2.h.
constexpr std::uint16_t kJffs2Magic = 0x1985;
constexpr std::size_t kJffs2Header = 12;
constexpr std::uint16_t kJffs2Dirent = 0xe001;
constexpr std::uint16_t kJffs2Inode = 0xe002;
constexpr std::size_t kJffs2DirentTime = 24;
constexpr std::size_t kJffs2DirentCrc = 32;  // of all that stands in front of it
constexpr std::array<std::size_t, 3> kJffs2InodeTimes{32, 36, 40};  // access, modification, change
constexpr std::size_t kJffs2InodeModified = 36;
constexpr std::size_t kJffs2DataCrc = 60;  // not in the checksum of the node
constexpr std::size_t kJffs2InodeCrc = 64;

/// As both file systems call it: begins with all bits set (UBIFS) or none (JFFS2), and is not
/// turned over at the end, as that of gzip is.
std::uint32_t plain_crc(std::string_view bytes, bool begins_with_ones) {
    return ~crc32(bytes, begins_with_ones ? 0 : ~std::uint32_t{0});
}

std::uint64_t cut(std::uint64_t seconds, std::int64_t epoch) {
    return std::min(seconds, static_cast<std::uint64_t>(epoch));
}

void level_ubifs_inode(std::string& block, std::size_t at, std::int64_t epoch) {
    const auto modified = get_le<std::uint64_t>(block, at + kUbifsTimes + 16);
    for (std::size_t i = 0; i < 3; ++i) {
        put_le(block, at + kUbifsTimes + 8 * i, cut(modified, epoch));
        put_le(block, at + kUbifsNanoseconds + 4 * i, std::uint32_t{0});
    }
}

void level_jffs2_inode(std::string& block, std::size_t at, std::int64_t epoch) {
    const auto modified = get_le<std::uint32_t>(block, at + kJffs2InodeModified);
    for (const std::size_t time : kJffs2InodeTimes) {
        put_le(block, at + time, static_cast<std::uint32_t>(cut(modified, epoch)));
    }
    const auto node = std::string_view(block).substr(at, kJffs2DataCrc);
    put_le(block, at + kJffs2InodeCrc, plain_crc(node, false));
}

void level_jffs2_dirent(std::string& block, std::size_t at, std::int64_t epoch) {
    const auto made = get_le<std::uint32_t>(block, at + kJffs2DirentTime);
    put_le(block, at + kJffs2DirentTime, static_cast<std::uint32_t>(cut(made, epoch)));
    const auto node = std::string_view(block).substr(at, kJffs2DirentCrc);
    put_le(block, at + kJffs2DirentCrc, plain_crc(node, false));
}

Result<std::size_t> node_length(const std::string& block, std::size_t at, std::size_t least) {
    const std::size_t field = at + (least == kJffs2Header ? 4 : 16);
    const auto length = get_le<std::uint32_t>(block, field);
    if (length < least || length > block.size() - at) {
        return fail(Fault::broken, fmt::format("a node at byte {} of an erase block claims {} "
                                               "bytes, of {} that are left",
                                               at, length, block.size() - at));
    }
    return length;
}

}  // namespace

Result<bool> level_ubifs_block(std::string& block, const Uuid& uuid, std::int64_t epoch) {
    bool changed = false;
    for (std::size_t at = 0; at + kUbifsHeader <= block.size();) {
        if (get_le<std::uint32_t>(block, at) != kUbifsMagic) {
            at += 8;  // what is empty; nodes begin at multiples of 8
            continue;
        }
        const std::size_t length = TRY(node_length(block, at, kUbifsHeader));
        const auto type = static_cast<std::uint8_t>(block[at + 20]);
        if (type == kUbifsInode && length >= kUbifsInodeBytes) {
            level_ubifs_inode(block, at, epoch);
        } else if (type == kUbifsSuper && length >= kUbifsUuid + uuid.bytes.size()) {
            std::ranges::copy(uuid.bytes, block.begin() + static_cast<long>(at + kUbifsUuid));
        } else {
            at += round_up(length, 8);
            continue;
        }
        const auto summed =
            std::string_view(block).substr(at + kUbifsCrcFrom, length - kUbifsCrcFrom);
        put_le(block, at + 4, plain_crc(summed, true));
        changed = true;
        at += round_up(length, 8);
    }
    return changed;
}

Result<bool> level_jffs2_block(std::string& block, std::int64_t epoch) {
    bool changed = false;
    for (std::size_t at = 0; at + kJffs2Header <= block.size();) {
        if (get_le<std::uint16_t>(block, at) != kJffs2Magic) {
            at += 4;  // padding; nodes begin at multiples of 4
            continue;
        }
        const std::size_t length = TRY(node_length(block, at, kJffs2Header));
        const auto type = get_le<std::uint16_t>(block, at + 2);
        if (type == kJffs2Inode && length > kJffs2InodeCrc) {
            level_jffs2_inode(block, at, epoch);
            changed = true;
        } else if (type == kJffs2Dirent && length > kJffs2DirentCrc) {
            level_jffs2_dirent(block, at, epoch);
            changed = true;
        }
        at += round_up(length, 4);
    }
    return changed;
}

}  // namespace img::volume
