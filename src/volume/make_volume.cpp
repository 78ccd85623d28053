#include "volume/make_volume.hpp"

#include "base/byte_size.hpp"
#include "system/sparse_file.hpp"
#include "volume/btrfs.hpp"
#include "volume/erofs.hpp"
#include "volume/ext.hpp"
#include "volume/jffs2.hpp"
#include "volume/squashfs.hpp"
#include "volume/swap.hpp"
#include "volume/ubifs.hpp"
#include "volume/vfat.hpp"
#include "volume/xfs.hpp"

#include <algorithm>
#include <array>
#include <fmt/format.h>

namespace img::volume {
namespace {

constexpr std::uint64_t kFullBelow = 4 * kMiB;  // a disk with less left is what mkfs ran into

Result<void> make(system::CommandRunner& runner,
                  const Volume& volume,
                  const std::filesystem::path& file) {
    switch (volume.kind) {
        case FileSystem::ext2:
        case FileSystem::ext3:
        case FileSystem::ext4: return make_ext(runner, volume, file);
        case FileSystem::vfat: return make_vfat(runner, volume, file);
        case FileSystem::btrfs: return make_btrfs(runner, volume, file);
        case FileSystem::xfs: return make_xfs(runner, volume, file);
        case FileSystem::swap: return make_swap(volume, file);
        case FileSystem::squashfs: return make_squashfs(runner, volume, file);
        case FileSystem::erofs: return make_erofs(runner, volume, file);
        case FileSystem::ubifs: return make_ubifs(runner, volume, file);
        case FileSystem::jffs2: return make_jffs2(runner, volume, file);
        case FileSystem::none: break;
    }
    return system::create_sparse(file, volume.size_bytes);
}

/// As the tools of Debian 12 say it: mke2fs, mkfs.btrfs, mkfs.xfs, mtools.
bool speaks_of_room(std::string_view message) {
    static constexpr std::array<std::string_view, 6> kSigns = {
        "No space left", "Could not allocate", "cannot allocate space",
        "Disk full",     "too small",          "not enough"};
    return std::ranges::any_of(kSigns, [&](std::string_view sign) {
        return message.find(sign) != std::string_view::npos;
    });
}

}  // namespace

Result<void> check_volume(const Volume& volume) {
    switch (volume.kind) {
        case FileSystem::ext2:
        case FileSystem::ext3:
        case FileSystem::ext4: return check_ext(volume);
        case FileSystem::vfat: return check_vfat(volume);
        case FileSystem::btrfs: return check_btrfs(volume);
        case FileSystem::xfs: return check_xfs(volume);
        case FileSystem::swap: TRY(swap_header(volume)); break;
        case FileSystem::squashfs: return check_squashfs(volume);
        case FileSystem::erofs: return check_erofs(volume);
        case FileSystem::ubifs: return check_ubifs(volume);
        case FileSystem::jffs2: return check_jffs2(volume);
        case FileSystem::none: break;
    }
    if (!volume.content.empty()) {
        return fail(Fault::invalid, fmt::format("{}: {} cannot hold files", volume.name,
                                                volume.kind == FileSystem::swap
                                                    ? "swap space"
                                                    : "a partition without a file system"));
    }
    return {};
}

Result<void> check_fits(const Volume& volume, const ContentSize& size) {
    const std::uint64_t needed = needed_bytes(volume.kind, size);
    if (needed <= volume.size_bytes) {
        return {};
    }
    return fail(
        Fault::invalid,
        fmt::format("partition {} of {} is too small for its content by {}: {} of files "
                    "need {} as {}, give it {} MiB",
                    volume.name, human_size(volume.size_bytes),
                    human_size(needed - volume.size_bytes), human_size(size.bytes),
                    human_size(needed), to_text(volume.kind), round_up(needed, kMiB) / kMiB));
}

namespace {

bool keeps_sockets(FileSystem kind) {
    return kind == FileSystem::squashfs || kind == FileSystem::erofs || kind == FileSystem::ubifs ||
           kind == FileSystem::jffs2;
}

}  // namespace

std::vector<std::string> losses(const Volume& volume, const ContentSize& size) {
    std::vector<std::string> lost;
    for (const std::string& path : size.sockets) {
        if (keeps_sockets(volume.kind)) {
            break;
        }
        lost.push_back(fmt::format("partition {}: the socket {} is left out", volume.name, path));
    }
    if (volume.kind == FileSystem::xfs || volume.kind == FileSystem::ubifs) {
        for (const std::string& path : size.with_capabilities) {
            lost.push_back(
                fmt::format("partition {}: {} loses its capabilities, which {} cannot "
                            "be filled with: use another file system, or set them at "
                            "the first boot",
                            volume.name, path, volume.kind == FileSystem::xfs ? "XFS" : "UBIFS"));
        }
    }
    return lost;
}

Result<void> make_volume(system::CommandRunner& runner,
                         const Volume& volume,
                         const std::filesystem::path& file) {
    auto made = make(runner, volume, file);
    if (made || made.error().fault != Fault::broken || !speaks_of_room(made.error().message)) {
        return made;
    }
    std::error_code error;
    const auto space = std::filesystem::space(file.parent_path(), error);
    if (!error && space.available < kFullBelow) {
        return fail(Fault::exhausted,
                    fmt::format("no room left in {} to make the {} for {}: free some space ({})",
                                file.parent_path().string(), to_text(volume.kind), volume.name,
                                made.error().message));
    }
    return fail(Fault::invalid,
                fmt::format("partition {} of {} is too small for its content as {}: give it more "
                            "({})",
                            volume.name, human_size(volume.size_bytes), to_text(volume.kind),
                            made.error().message));
}

}  // namespace img::volume
