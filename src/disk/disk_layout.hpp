// Where each partition of a disk begins and ends: arithmetic only, nothing is written.
#pragma once

#include "base/result.hpp"
#include "disk/disk.hpp"

#include <cstdint>
#include <vector>

namespace img::disk {

/// What is kept free in front of each logical partition; the first sector of it is the partition's
/// extended boot record (EBR). A whole MiB, so that the partition itself is aligned like any other.
constexpr std::uint64_t kEbrBytes = 1024 * 1024;

/// Of an msdos table: four records in sector 0, one of which may be an extended partition that
/// holds the logical ones. Those count from 5 on, even where fewer primary ones are there.
constexpr unsigned kPrimaryMax = 4;
constexpr unsigned kFirstLogical = 5;

/// In sectors of its disk.
struct PartitionSpan {
    std::uint64_t start = 0;
    std::uint64_t count = 0;
    std::uint64_t sector_bytes = kSectorBytes;

    std::uint64_t end() const { return start + count; }  ///< The first sector behind it.
    std::uint64_t start_bytes() const { return start * sector_bytes; }
    std::uint64_t size_bytes() const { return count * sector_bytes; }
    bool operator==(const PartitionSpan&) const = default;
};

struct DiskLayout {
    std::uint64_t size_bytes = 0;             ///< Of the whole disk.
    std::vector<PartitionSpan> partitions{};  ///< As ordered in the recipe.
    std::vector<unsigned> numbers{};          ///< Theirs, see partition_numbers().
    std::uint64_t sector_bytes = kSectorBytes;

    std::uint64_t sectors() const { return size_bytes / sector_bytes; }
};

/// The partitions ordered by number, each starting at a multiple of its alignment and at least
/// 1 MiB into the disk, each a whole number of MiB long:
///
///     0            1 MiB                                 16 KiB and a sector before the end
///     | MBR, GPT   | partition | gap? | partition | … | left over | GPT again |
///
///     0            1 MiB                    |<---- extended partition, number 4 ---->|
///     | MBR, GRUB  | partition | gap? | … 3 | EBR 5 | partition 5 | EBR 6 | partition 6 | left
///     over
///                                           1 MiB                 1 MiB
///
/// Growing partitions share what is left in proportion to the sizes they ask for, as Anaconda does
/// it; one that reaches its maximum leaves the rest to the others. Without a disk size there is
/// nothing left to share: a GPT disk ends 1 MiB behind the last partition, an msdos one with it.
///
/// Fault::invalid: the disk is too small (the message says by how much), a partition has no size,
/// a maximum is under its size, an alignment is not a multiple of the sector or over 1 GiB, there
/// are no partitions or more than the table holds (see partition_numbers), a size is over 1 PiB,
/// an msdos disk has over 2^32 sectors (2 TiB of 512 bytes), or sectors are neither 512 nor 4096.
Result<DiskLayout> lay_out(const DiskRecipe& recipe);

/// The number of each partition as Linux counts them, "sda1", in the recipe's order. A GPT counts
/// from 1 to 128. So does an msdos table of up to four; with more, three stay primary, the
/// extended partition is number 4, and the others are logical ones from 5 to 60. Primary stay those
/// that have to (primary, legacy_boot, the EFI system partition, which UEFI seeks in the four
/// records only), and then the first ones.
///
/// Fault::invalid: no partitions, more than the table holds, or more than three of over four have
/// to be primary.
Result<std::vector<unsigned>> partition_numbers(const DiskRecipe& recipe);

}  // namespace img::disk
