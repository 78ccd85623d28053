#include "disk/disk_layout.hpp"

#include "base/byte_size.hpp"

#include <algorithm>
#include <fmt/format.h>
#include <limits>
#include <numeric>

namespace img::disk {
namespace {

static_assert(kEbrBytes == kMiB);

constexpr std::size_t kGptMax = 128;   // entries of a usual GPT (UEFI 2.10, section 5.3)
constexpr std::size_t kMsdosMax = 59;  // fdisk and sfdisk know numbers up to 60, one is extended
constexpr std::uint64_t kEntriesBytes = 16 * kKiB;                  // of a GPT: 128 of 128 bytes
constexpr std::uint64_t kMsdosSectorsMax = std::uint64_t{1} << 32;  // its records have 32 bits
constexpr std::uint64_t kSizeMax = 1024 * 1024 * kGiB;  // keeps every product below in 64 bits
constexpr std::uint64_t kNoBound = std::numeric_limits<std::uint64_t>::max();

/// A partition while sizes are still moving. Sizes in MiB.
struct Draft {
    std::uint64_t base = 0;
    std::uint64_t room = 0;  ///< How much it may grow beyond base.
    std::uint64_t align_bytes = kMiB;
    std::uint64_t front_bytes = 0;  ///< Kept free before it, for its EBR.
};

Result<Draft> draft(const PartitionRecipe& recipe, std::uint64_t sector_bytes) {
    Draft draft{.base = round_up(recipe.size_bytes, kMiB) / kMiB};
    if (recipe.size_bytes > kSizeMax || recipe.max_size_bytes > kSizeMax) {
        return fail(Fault::invalid,
                    fmt::format("partition {}: over 1 PiB, make it smaller", recipe.name));
    }
    if (draft.base == 0) {
        if (!recipe.grow) {
            return fail(Fault::invalid, fmt::format("partition {} has no size", recipe.name));
        }
        draft.base = 1;
    }
    if (recipe.max_size_bytes != 0 && recipe.max_size_bytes < recipe.size_bytes) {
        return fail(
            Fault::invalid,
            fmt::format("partition {}: its maximum of {} is under its size of {}", recipe.name,
                        human_size(recipe.max_size_bytes), human_size(recipe.size_bytes)));
    }
    if (recipe.align_bytes % sector_bytes != 0 || recipe.align_bytes > kGiB) {
        return fail(Fault::invalid,
                    fmt::format("partition {}: an alignment of {} bytes is not a multiple of {} up "
                                "to 1 GiB",
                                recipe.name, recipe.align_bytes, sector_bytes));
    }
    if (recipe.align_bytes != 0) {
        draft.align_bytes = recipe.align_bytes;
    }
    if (recipe.grow) {
        const std::uint64_t max = recipe.max_size_bytes / kMiB;
        draft.room = recipe.max_size_bytes == 0 ? kNoBound : max - std::min(max, draft.base);
    }
    return draft;
}

/// How many of `pool` MiB each growing partition gets: in proportion to its base, none more than
/// its room. Every round but the last fills at least one partition, so rounds are few.
std::vector<std::uint64_t> share(const std::vector<Draft>& drafts, std::uint64_t pool) {
    std::vector<std::uint64_t> grown(drafts.size(), 0);
    std::vector<std::size_t> open;
    for (std::size_t i = 0; i < drafts.size(); ++i) {
        if (drafts[i].room > 0) {
            open.push_back(i);
        }
    }
    while (!open.empty() && pool > 0) {
        std::uint64_t weights = 0;
        for (const std::size_t i : open) {
            weights += drafts[i].base;
        }
        const auto filled = std::ranges::partition(
            open, [&](std::size_t i) { return pool * drafts[i].base / weights < drafts[i].room; });
        if (filled.empty()) {
            std::uint64_t left = pool;
            for (const std::size_t i : open) {
                grown[i] = pool * drafts[i].base / weights;
                left -= grown[i];
            }
            // What division dropped is less than one MiB for each; none of them is at its room.
            std::ranges::sort(open);
            for (std::size_t i = 0; left > 0; ++i, --left) {
                ++grown[open[i]];
            }
            break;
        }
        for (const std::size_t i : filled) {
            grown[i] = drafts[i].room;
            pool -= drafts[i].room;
        }
        open.erase(filled.begin(), filled.end());
    }
    return grown;
}

/// Partitions by number: the order in which they lie on the disk.
std::vector<std::size_t> disk_order(const std::vector<unsigned>& numbers) {
    std::vector<std::size_t> order(numbers.size());
    std::iota(order.begin(), order.end(), std::size_t{0});
    std::ranges::sort(order, {}, [&](std::size_t i) { return numbers[i]; });
    return order;
}

/// Everything about a disk but how much its partitions grow.
struct DiskDraft {
    std::vector<Draft> partitions{};
    std::vector<std::size_t> order{};
    std::uint64_t sector_bytes = kSectorBytes;
    std::uint64_t tail_bytes = 0;  ///< Of the disk's end, which the table needs.
};

struct Placed {
    std::vector<PartitionSpan> spans;
    std::uint64_t end_bytes = 0;
};

/// With `pool` MiB shared among those that grow.
Placed place(const DiskDraft& disk, std::uint64_t pool) {
    const std::vector<std::uint64_t> grown = share(disk.partitions, pool);
    Placed placed{.spans = std::vector<PartitionSpan>(grown.size()), .end_bytes = kMiB};
    for (const std::size_t i : disk.order) {
        const Draft& draft = disk.partitions[i];
        const std::uint64_t start =
            round_up(placed.end_bytes + draft.front_bytes, draft.align_bytes);
        const std::uint64_t size = (draft.base + grown[i]) * kMiB;
        placed.spans[i] = {.start = start / disk.sector_bytes,
                           .count = size / disk.sector_bytes,
                           .sector_bytes = disk.sector_bytes};
        placed.end_bytes = start + size;
    }
    return placed;
}

/// The largest pool that still ends before `limit`; found by halving, because alignment makes the
/// end a staircase.
std::vector<PartitionSpan> grow(const DiskDraft& disk, std::uint64_t limit) {
    std::uint64_t fits = 0;
    std::uint64_t fails = limit / kMiB + 1;
    while (fails - fits > 1) {
        const std::uint64_t pool = fits + (fails - fits) / 2;
        (place(disk, pool).end_bytes <= limit ? fits : fails) = pool;
    }
    return place(disk, fits).spans;
}

Result<void> check_disk(const DiskRecipe& recipe) {
    const std::uint64_t sector = recipe.sector_bytes;
    if (sector != kSectorBytes && sector != 4 * kKiB) {
        return fail(Fault::invalid,
                    fmt::format("sectors of {} bytes: a disk has 512 or 4096", sector));
    }
    if (recipe.size_bytes > kSizeMax || recipe.size_bytes % sector != 0) {
        return fail(Fault::invalid,
                    fmt::format("a disk of {} bytes is over 1 PiB or not a multiple of {} bytes",
                                recipe.size_bytes, sector));
    }
    return {};
}

Result<void> check_reach(const DiskRecipe& recipe, std::uint64_t size_bytes) {
    const std::uint64_t most = kMsdosSectorsMax * recipe.sector_bytes;
    if (recipe.table == PartitionTable::msdos && size_bytes > most) {
        return fail(Fault::invalid,
                    fmt::format("the disk has {}, and an msdos partition table reaches {}: make it "
                                "smaller, or use gpt",
                                human_size(size_bytes), human_size(most)));
    }
    return {};
}

Result<DiskDraft> draft_disk(const DiskRecipe& recipe, const std::vector<unsigned>& numbers) {
    const bool msdos = recipe.table == PartitionTable::msdos;
    DiskDraft disk{.order = disk_order(numbers),
                   .sector_bytes = recipe.sector_bytes,
                   .tail_bytes = msdos ? 0 : kEntriesBytes + recipe.sector_bytes};
    for (std::size_t i = 0; i < numbers.size(); ++i) {
        Draft one = TRY(draft(recipe.partitions[i], recipe.sector_bytes));
        one.front_bytes = msdos && numbers[i] >= kFirstLogical ? kEbrBytes : 0;
        disk.partitions.push_back(one);
    }
    return disk;
}

/// Those that firmware or the recipe's author wants among the first four.
bool stays_primary(const PartitionRecipe& partition) {
    return partition.primary || partition.legacy_boot ||
           partition.role == PartitionRole::efi_system;
}

Result<std::vector<unsigned>> numbers_with_logical_ones(
    const std::vector<PartitionRecipe>& partitions) {
    constexpr std::size_t kBesideExtended = kPrimaryMax - 1;
    const auto bound = static_cast<std::size_t>(std::ranges::count_if(partitions, stays_primary));
    if (bound > kBesideExtended) {
        return fail(Fault::invalid,
                    fmt::format("an msdos partition table of {} partitions has three primary ones, "
                                "and {} have to be: those that are marked primary or active, and "
                                "that of EFI; use gpt",
                                partitions.size(), bound));
    }
    std::size_t free = kBesideExtended - bound;
    unsigned primary = 1;
    unsigned logical = kFirstLogical;
    std::vector<unsigned> numbers;
    for (const PartitionRecipe& partition : partitions) {
        const bool bound_here = stays_primary(partition);
        numbers.push_back(bound_here || free > 0 ? primary++ : logical++);
        free -= !bound_here && free > 0 ? 1 : 0;
    }
    return numbers;
}

}  // namespace

Result<std::vector<unsigned>> partition_numbers(const DiskRecipe& recipe) {
    const bool msdos = recipe.table == PartitionTable::msdos;
    const std::size_t count = recipe.partitions.size();
    const std::size_t most = msdos ? kMsdosMax : kGptMax;
    if (count == 0 || count > most) {
        return fail(Fault::invalid,
                    fmt::format("a disk has 1 to {} partitions, not {}", most, count));
    }
    if (msdos && count > kPrimaryMax) {
        return numbers_with_logical_ones(recipe.partitions);
    }
    std::vector<unsigned> numbers(count);
    std::iota(numbers.begin(), numbers.end(), 1U);
    return numbers;
}

Result<DiskLayout> lay_out(const DiskRecipe& recipe) {
    TRY(check_disk(recipe));
    DiskLayout layout{.size_bytes = recipe.size_bytes, .sector_bytes = recipe.sector_bytes};
    layout.numbers = TRY(partition_numbers(recipe));
    const DiskDraft disk = TRY(draft_disk(recipe, layout.numbers));
    Placed smallest = place(disk, 0);
    const std::uint64_t needed = smallest.end_bytes + disk.tail_bytes;
    TRY(check_reach(recipe, std::max(needed, recipe.size_bytes)));
    if (recipe.size_bytes == 0) {
        layout.size_bytes = round_up(needed, kMiB);
        layout.partitions = std::move(smallest.spans);
        return layout;
    }
    if (recipe.size_bytes < needed) {
        return fail(
            Fault::invalid,
            fmt::format("the disk of {} is too small for its partitions by {}: give it "
                        "{} MiB",
                        human_size(recipe.size_bytes), human_size(needed - recipe.size_bytes),
                        round_up(needed, kMiB) / kMiB));
    }
    layout.partitions = grow(disk, recipe.size_bytes - disk.tail_bytes);
    return layout;
}

}  // namespace img::disk
