#include "volume/content_size.hpp"

#include "base/byte_size.hpp"

#include <algorithm>
#include <cerrno>
#include <fmt/format.h>
#include <set>
#include <sys/stat.h>
#include <sys/xattr.h>
#include <utility>

namespace img::volume {
namespace {

constexpr std::uint64_t kBlock = 4 * kKiB;

Result<struct stat> look(const std::filesystem::path& path) {
    struct stat found{};
    if (::lstat(path.c_str(), &found) != 0) {
        const int error = errno;
        return fail(error == ENOENT ? Fault::missing : Fault::broken,
                    fmt::format("{}: {}", path.string(), std::generic_category().message(error)));
    }
    return found;
}

class Measurer {
public:
    explicit Measurer(const std::filesystem::path& folder) : folder_(folder) {}

    Result<void> add(const std::filesystem::path& path) {
        const struct stat found = TRY(look(path));
        const std::uint64_t bytes = room_of(found);
        if (S_ISSOCK(found.st_mode)) {
            size.sockets.push_back(inside(path));
            return {};
        }
        if (S_ISREG(found.st_mode) && found.st_nlink > 1 &&
            !linked_.emplace(found.st_dev, found.st_ino).second) {
            size.linked_bytes += bytes;
            ++size.linked_inodes;
        } else {
            size.bytes += bytes;
            ++size.inodes;
        }
        if (S_ISREG(found.st_mode) &&
            ::lgetxattr(path.c_str(), "security.capability", nullptr, 0) > 0) {
            size.with_capabilities.push_back(inside(path));
        }
        return {};
    }

    ContentSize size;

private:
    static std::uint64_t room_of(const struct stat& found) {
        const auto bytes = static_cast<std::uint64_t>(std::max<off_t>(found.st_size, 0));
        if (S_ISDIR(found.st_mode)) {
            return std::max(round_up(bytes, kBlock), kBlock);  // tmpfs' folders have their own size
        }
        return S_ISREG(found.st_mode) || S_ISLNK(found.st_mode) ? round_up(bytes, kBlock) : 0;
    }

    std::string inside(const std::filesystem::path& path) const {
        return fmt::format("/{}", path.lexically_relative(folder_).native());
    }

    std::filesystem::path folder_;
    std::set<std::pair<dev_t, ino_t>> linked_;
};

/// mke2fs' journal for a file system of 4 KiB blocks (ext2fs_default_journal_size of 1.47).
std::uint64_t journal_bytes(std::uint64_t size_bytes) {
    const std::uint64_t blocks = size_bytes / kBlock;
    const auto step = [&](std::uint64_t below, std::uint64_t journal) {
        return blocks < below ? journal * kBlock : 0;
    };
    for (const auto& [below, journal] :
         std::initializer_list<std::pair<std::uint64_t, std::uint64_t>>{{32768, 1024},
                                                                        {256 * 1024, 4096},
                                                                        {512 * 1024, 8192},
                                                                        {4096 * 1024, 16384},
                                                                        {8192 * 1024, 32768},
                                                                        {16384 * 1024, 65536},
                                                                        {32768 * 1024, 131072}}) {
        if (const std::uint64_t found = step(below, journal); found != 0) {
            return found;
        }
    }
    return 262144 * kBlock;
}

/// mkfs.btrfs makes the file larger where it holds it for too small, by this very reckoning
/// (btrfs_mkfs_size_dir of 6.2): metadata is kept twice in chunks of 32 MiB, data once in chunks
/// of 8 MiB, and the first of each is in the 109 MiB of the smallest device.
std::uint64_t btrfs_bytes(const ContentSize& content) {
    constexpr std::uint64_t kMetaChunk = 32 * kMiB;
    constexpr std::uint64_t kDataChunk = 8 * kMiB;
    const std::uint64_t data = content.bytes + content.linked_bytes;
    const std::uint64_t inodes = content.inodes + content.linked_inodes;
    const std::uint64_t meta = inodes * (3 * 4096 + kBlock) + data / 8;  // 3 names of PATH_MAX
    return 109 * kMiB + 2 * (round_up(std::max(meta, kMetaChunk), kMetaChunk) - kMetaChunk) +
           (round_up(std::max(data, kDataChunk), kDataChunk) - kDataChunk);
}

/// What ext takes beside the content when it is `size_bytes` large: inodes of 256 bytes, one for
/// each 16 KiB or as many as needed, the journal, room to grow the group descriptors, bitmaps.
std::uint64_t ext_overhead(FileSystem kind, const ContentSize& content, std::uint64_t size_bytes) {
    const std::uint64_t inodes = std::max(size_bytes / (16 * kKiB), content.inodes * 5 / 4 + 1024);
    const std::uint64_t journal = kind == FileSystem::ext2 ? 0 : journal_bytes(size_bytes);
    return inodes * 256 + journal + size_bytes / 128 + 2 * kMiB;
}

}  // namespace

Result<ContentSize> measure(const std::filesystem::path& folder) {
    Measurer measurer(folder);
    TRY(measurer.add(folder));
    std::error_code error;
    auto at = std::filesystem::recursive_directory_iterator(folder, error);
    while (!error && at != std::filesystem::recursive_directory_iterator()) {
        TRY(measurer.add(at->path()));
        at.increment(error);
    }
    if (error) {
        return fail(Fault::broken, fmt::format("read {}: {}", folder.string(), error.message()));
    }
    std::ranges::sort(measurer.size.with_capabilities);
    std::ranges::sort(measurer.size.sockets);
    return std::move(measurer.size);
}

std::uint64_t needed_bytes(FileSystem kind, const ContentSize& content) {
    const std::uint64_t bytes = content.bytes + content.bytes / 50;  // extents, folders' indexes
    const std::uint64_t copied =
        bytes + content.linked_bytes + content.linked_inodes * kKiB + content.inodes * kKiB;
    switch (kind) {
        case FileSystem::none:
        case FileSystem::swap: return 0;
        case FileSystem::squashfs:  // these are as large as they turn out to be
        case FileSystem::erofs:
        case FileSystem::ubifs:
        case FileSystem::jffs2: return 0;
        case FileSystem::vfat: return bytes + kMiB;
        case FileSystem::btrfs: return btrfs_bytes(content);
        // mkfs.xfs 5.19 and later refuse less than 300 MiB; the log alone takes 64 MiB.
        case FileSystem::xfs: return std::max(copied + copied / 20 + 72 * kMiB, 300 * kMiB);
        case FileSystem::ext2:
        case FileSystem::ext3:
        case FileSystem::ext4: break;
    }
    // The overhead depends on the size it is part of, and settles within a few rounds.
    std::uint64_t size = bytes;
    for (int round = 0; round < 8; ++round) {
        size = bytes + ext_overhead(kind, content, size);
    }
    return size;
}

}  // namespace img::volume
