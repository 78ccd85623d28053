// The header of a swap area: its mark ends the first page, its numbers follow the first KiB.
#include "base/byte_fields.hpp"
#include "base/byte_order.hpp"
#include "base/byte_size.hpp"
#include "superblock/superblock.hpp"
#include "vdisk/source_part.hpp"

#include <fmt/format.h>

namespace img::superblock {

SuperblockFinding find_swap(const vdisk::DiskSource& part) {
    // union swap_header of include/linux/swap.h; the page is that of the machine it is for.
    constexpr std::size_t kPageMax = 64 * kKiB;
    constexpr std::string_view kMark = "SWAPSPACE2";
    const auto head = TRY(vdisk::read_bytes(part, 0, kPageMax));
    for (std::size_t page = 4 * kKiB; page <= kPageMax; page *= 2) {
        if (std::string_view(head).substr(page - kMark.size(), kMark.size()) != kMark ||
            get_le<std::uint32_t>(head, 1024) != 1) {
            continue;
        }
        const std::uint64_t pages = std::uint64_t{get_le<std::uint32_t>(head, 1028)} + 1;
        return FileSystemDescription{.kind = "swap",
                                     .label = text_at(head, 1052, 16),
                                     .uuid = uuid_at(head, 1036).text(),
                                     .size_bytes = pages * page,
                                     .details = fmt::format("pages of {}", human_size(page))};
    }
    return std::nullopt;
}

}  // namespace img::superblock
