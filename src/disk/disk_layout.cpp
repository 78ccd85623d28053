#include "disk/disk_layout.hpp"

#include "base/byte_size.hpp"

#include <algorithm>
#include <fmt/format.h>
#include <limits>

namespace img::disk {
namespace {

constexpr std::size_t kPartitionsMax = 128;  // entries of a usual GPT (UEFI 2.10, section 5.3)
constexpr std::uint64_t kBackupBytes =
    33 * kSectorBytes;                                  // the GPT's copy: 32 of entries, 1 header
constexpr std::uint64_t kSizeMax = 1024 * 1024 * kGiB;  // keeps every product below in 64 bits
constexpr std::uint64_t kNoBound = std::numeric_limits<std::uint64_t>::max();

/// A partition while sizes are still moving. Sizes in MiB.
struct Draft {
    std::uint64_t base = 0;
    std::uint64_t room = 0;  ///< How much it may grow beyond base.
    std::uint64_t align_bytes = kMiB;
};

Result<Draft> draft(const PartitionRecipe& recipe) {
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
    if (recipe.align_bytes % kSectorBytes != 0 || recipe.align_bytes > kGiB) {
        return fail(Fault::invalid,
                    fmt::format("partition {}: an alignment of {} bytes is not a multiple of {} up "
                                "to 1 GiB",
                                recipe.name, recipe.align_bytes, kSectorBytes));
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

std::vector<PartitionSpan> place(const std::vector<Draft>& drafts,
                                 const std::vector<std::uint64_t>& grown) {
    std::vector<PartitionSpan> spans;
    std::uint64_t at = kMiB;
    for (std::size_t i = 0; i < drafts.size(); ++i) {
        const std::uint64_t start = round_up(at, drafts[i].align_bytes);
        const std::uint64_t size = (drafts[i].base + grown[i]) * kMiB;
        spans.push_back({.start = start / kSectorBytes, .count = size / kSectorBytes});
        at = start + size;
    }
    return spans;
}

std::uint64_t end_bytes(const std::vector<PartitionSpan>& spans) {
    return spans.back().end() * kSectorBytes;
}

/// The largest pool that still ends before `limit`; found by halving, because alignment makes the
/// end a staircase.
std::vector<PartitionSpan> grow(const std::vector<Draft>& drafts, std::uint64_t limit) {
    std::uint64_t fits = 0;
    std::uint64_t fails = limit / kMiB + 1;
    while (fails - fits > 1) {
        const std::uint64_t pool = fits + (fails - fits) / 2;
        (end_bytes(place(drafts, share(drafts, pool))) <= limit ? fits : fails) = pool;
    }
    return place(drafts, share(drafts, fits));
}

}  // namespace

Result<DiskLayout> lay_out(const DiskRecipe& recipe) {
    const std::size_t count = recipe.partitions.size();
    if (count == 0 || count > kPartitionsMax) {
        return fail(Fault::invalid,
                    fmt::format("a disk has 1 to {} partitions, not {}", kPartitionsMax, count));
    }
    if (recipe.size_bytes > kSizeMax || recipe.size_bytes % kSectorBytes != 0) {
        return fail(Fault::invalid,
                    fmt::format("a disk of {} bytes is over 1 PiB or not a multiple of {} bytes",
                                recipe.size_bytes, kSectorBytes));
    }
    std::vector<Draft> drafts;
    for (const PartitionRecipe& partition : recipe.partitions) {
        drafts.push_back(TRY(draft(partition)));
    }
    std::vector<PartitionSpan> smallest = place(drafts, std::vector<std::uint64_t>(count, 0));
    const std::uint64_t needed = end_bytes(smallest) + kBackupBytes;
    if (recipe.size_bytes == 0) {
        return DiskLayout{.size_bytes = round_up(needed, kMiB), .partitions = std::move(smallest)};
    }
    if (recipe.size_bytes < needed) {
        return fail(
            Fault::invalid,
            fmt::format("the disk of {} is too small for its partitions by {}: give it "
                        "{} MiB",
                        human_size(recipe.size_bytes), human_size(needed - recipe.size_bytes),
                        round_up(needed, kMiB) / kMiB));
    }
    return DiskLayout{.size_bytes = recipe.size_bytes,
                      .partitions = grow(drafts, recipe.size_bytes - kBackupBytes)};
}

}  // namespace img::disk
