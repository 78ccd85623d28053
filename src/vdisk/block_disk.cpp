#include "vdisk/block_disk.hpp"

#include <algorithm>

namespace img::vdisk {
namespace {

// Neighbours are told of as one extent up to here, so that nobody waits for the end of a long one.
constexpr std::uint64_t kJoinedBlocks = 256;

}  // namespace

Result<void> BlockDisk::read(std::uint64_t at, std::span<std::byte> into) const {
    const std::uint64_t left = at < size_bytes_ ? size_bytes_ - at : 0;
    const auto inside = static_cast<std::size_t>(std::min<std::uint64_t>(left, into.size()));
    std::ranges::fill(into.subspan(inside), std::byte{0});
    into = into.first(inside);
    while (!into.empty()) {
        const std::uint64_t offset = at % block_bytes_;
        const auto part =
            static_cast<std::size_t>(std::min<std::uint64_t>(block_bytes_ - offset, into.size()));
        TRY(read_block(at / block_bytes_, offset, into.first(part)));
        into = into.subspan(part);
        at += part;
    }
    return {};
}

Result<std::optional<Extent>> BlockDisk::next_data(std::uint64_t from) const {
    if (from >= size_bytes_) {
        return std::nullopt;
    }
    const std::uint64_t first = TRY(next_block(from / block_bytes_));
    if (first >= blocks()) {
        return std::nullopt;
    }
    std::uint64_t end = first + 1;
    while (end < blocks() && end - first < kJoinedBlocks && TRY(next_block(end)) == end) {
        ++end;
    }
    const std::uint64_t start = std::max(first * block_bytes_, from);
    // The last block's end is computed by what is left, for it may lie beyond 2^64.
    const std::uint64_t stop = end >= blocks() ? size_bytes_ : end * block_bytes_;
    return Extent{.start = start, .size = stop - start};
}

}  // namespace img::vdisk
