// Where each partition of a disk begins and ends: arithmetic only, nothing is written.
#pragma once

#include "base/result.hpp"
#include "disk/disk.hpp"

#include <cstdint>
#include <vector>

namespace img::disk {

constexpr std::uint64_t kSectorBytes = 512;

/// In sectors of 512 bytes.
struct PartitionSpan {
    std::uint64_t start = 0;
    std::uint64_t count = 0;

    std::uint64_t end() const { return start + count; }  ///< The first sector behind it.
    std::uint64_t start_bytes() const { return start * kSectorBytes; }
    std::uint64_t size_bytes() const { return count * kSectorBytes; }
    bool operator==(const PartitionSpan&) const = default;
};

struct DiskLayout {
    std::uint64_t size_bytes = 0;           ///< Of the whole disk.
    std::vector<PartitionSpan> partitions;  ///< As ordered in the recipe.

    std::uint64_t sectors() const { return size_bytes / kSectorBytes; }
};

/// The partitions in the recipe's order, each starting at a multiple of its alignment and at least
/// 1 MiB into the disk, each a whole number of MiB long:
///
///     0            1 MiB                                       33 sectors before the end
///     | MBR, GPT   | partition | gap? | partition | … | left over | GPT again |
///
/// Growing partitions share what is left in proportion to the sizes they ask for, as Anaconda does
/// it; one that reaches its maximum leaves the rest to the others. Without a disk size there is
/// nothing left to share, and the disk ends 1 MiB behind the last partition.
///
/// Fault::invalid: the disk is too small (the message says by how much), a partition has no size,
/// a maximum is under its size, an alignment is not a multiple of 512 bytes or over 1 GiB, there
/// are no partitions or more than GPT's 128, or a size is over 1 PiB.
Result<DiskLayout> lay_out(const DiskRecipe& recipe);

}  // namespace img::disk
