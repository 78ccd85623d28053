#include "volume/ext.hpp"

#include "base/byte_size.hpp"
#include "system/sparse_file.hpp"

#include <algorithm>
#include <ext2fs/ext2fs.h>
#include <fmt/format.h>
#include <memory>

namespace img::volume {
namespace {

constexpr std::size_t kLabelMax = 16;  // s_volume_name of the superblock
constexpr std::uint64_t kInodeRatio = 16 * kKiB;
constexpr int kShrinkRounds = 5;  // the second gains a percent, the third was seen to gain nothing

/// Those that Debian's mke2fs.conf sets, without what GRUB 2.06 cannot read (metadata_csum_seed)
/// and older kernels cannot mount (orphan_file).
std::string features(FileSystem kind) {
    std::string list = "none,ext_attr,resize_inode,dir_index,filetype,sparse_super,large_file";
    if (kind != FileSystem::ext2) {
        list += ",has_journal";
    }
    if (kind == FileSystem::ext4) {
        list += ",extent,64bit,flex_bg,huge_file,dir_nlink,extra_isize,metadata_csum";
    }
    return list;
}

struct CloseExt {
    void operator()(ext2_filsys fs) const { ext2fs_free(fs); }
};
using ExtFile = std::unique_ptr<struct_ext2_filsys, CloseExt>;

struct CloseScan {
    void operator()(ext2_inode_scan scan) const { ext2fs_close_inode_scan(scan); }
};
using ExtScan = std::unique_ptr<ext2_struct_inode_scan, CloseScan>;

Result<void> succeed(errcode_t code, const std::filesystem::path& file) {
    if (code != 0) {
        return fail(Fault::broken,
                    fmt::format("level the times of {}: {}", file.string(), error_message(code)));
    }
    return {};
}

/// The 34 bits that ext4 has for seconds: the low 32 in the old field, two more in the new one,
/// whose other 30 count nanoseconds.
void level(ext2_inode_large& inode, std::int64_t epoch, bool large) {
    const auto low = static_cast<std::int64_t>(static_cast<std::int32_t>(inode.i_mtime));
    const std::int64_t high = large ? std::int64_t{inode.i_mtime_extra & 3} << 32 : 0;
    const std::int64_t mtime = std::min(low + high, epoch);
    const auto seconds = static_cast<std::uint32_t>(mtime);
    const auto created = static_cast<std::uint32_t>(epoch);
    const auto extra = [](std::int64_t time) {
        return static_cast<std::uint32_t>((time - static_cast<std::int32_t>(time)) >> 32) & 3U;
    };
    inode.i_atime = inode.i_ctime = inode.i_mtime = seconds;
    if (large) {
        inode.i_atime_extra = inode.i_ctime_extra = inode.i_mtime_extra = extra(mtime);
        inode.i_crtime = created;
        inode.i_crtime_extra = extra(epoch);
    }
}

}  // namespace

system::Command mkfs_ext(const Volume& volume, const std::filesystem::path& file) {
    const std::uint64_t inodes =
        std::max(volume.size_bytes / kInodeRatio, volume.inodes * 5 / 4 + 1024);
    system::Command command{
        .argv = {"mke2fs", "-q", "-F", "-t", std::string(to_text(volume.kind)), "-b", "4096", "-I",
                 "256", "-O", features(volume.kind), "-N", std::to_string(inodes), "-U",
                 volume.uuid, "-E",
                 fmt::format("hash_seed={},root_owner=0:0,lazy_itable_init=0,lazy_journal_init=0,"
                             "assume_storage_prezeroed=1",
                             volume.uuid)},
        .environment = {fmt::format("E2FSPROGS_FAKE_TIME={}", volume.epoch),
                        fmt::format("SOURCE_DATE_EPOCH={}", volume.epoch),
                        "MKE2FS_SKIP_PROGRESS=1"}};
    if (!volume.label.empty()) {
        command.argv.insert(command.argv.end(), {"-L", volume.label});
    }
    if (!volume.content.empty()) {
        command.argv.insert(command.argv.end(), {"-d", volume.content.string()});
    }
    command.argv.insert(command.argv.end(), volume.options.begin(), volume.options.end());
    command.argv.push_back(file.string());
    return command;
}

Result<void> level_times(const std::filesystem::path& file, std::int64_t epoch) {
    ext2_filsys raw = nullptr;
    const auto opened =
        ext2fs_open(file.c_str(), EXT2_FLAG_RW | EXT2_FLAG_64BITS, 0, 0, unix_io_manager, &raw);
    ExtFile fs(raw);
    TRY(succeed(opened, file));
    fs->now = epoch;
    ext2_inode_scan raw_scan = nullptr;
    TRY(succeed(ext2fs_open_inode_scan(fs.get(), 0, &raw_scan), file));
    ExtScan scan(raw_scan);
    const std::size_t inode_bytes = EXT2_INODE_SIZE(fs->super);
    const bool large = inode_bytes >= sizeof(ext2_inode_large);
    std::vector<ext2_inode_large> buffer(inode_bytes / sizeof(ext2_inode_large) + 1);
    auto* const inode = reinterpret_cast<ext2_inode*>(buffer.data());
    const auto bytes = static_cast<int>(inode_bytes);
    for (;;) {
        ext2_ino_t number = 0;
        TRY(succeed(ext2fs_get_next_inode_full(scan.get(), &number, inode, bytes), file));
        if (number == 0) {
            break;
        }
        if (inode->i_links_count == 0) {
            continue;
        }
        level(buffer.front(), epoch, large);
        TRY(succeed(ext2fs_write_inode_full(fs.get(), number, inode, bytes), file));
    }
    scan.reset();
    return succeed(ext2fs_flush2(fs.get(), EXT2_FLAG_FLUSH_NO_SYNC), file);
}

Result<void> shrink_ext(system::CommandRunner& runner,
                        const std::filesystem::path& file,
                        std::int64_t epoch) {
    const system::Command command{.argv = {"resize2fs", "-f", "-M", file.string()},
                                  .environment = {fmt::format("E2FSPROGS_FAKE_TIME={}", epoch)}};
    std::error_code error;
    auto before = std::filesystem::file_size(file, error);
    for (int round = 0; !error && round < kShrinkRounds; ++round) {
        TRY(runner.run(command));
        const auto after = std::filesystem::file_size(file, error);
        if (after == before) {
            return {};
        }
        before = after;
    }
    if (error) {
        return fail(Fault::broken, fmt::format("shrink {}: {}", file.string(), error.message()));
    }
    return {};
}

Result<void> check_ext(const Volume& volume) {
    TRY(check_label(volume, to_text(volume.kind), kLabelMax));
    return check_uuid(volume);
}

Result<void> make_ext(system::CommandRunner& runner,
                      const Volume& volume,
                      const std::filesystem::path& file) {
    TRY(check_ext(volume));
    TRY(system::create_sparse(file, volume.size_bytes));
    TRY(runner.run(mkfs_ext(volume, file)));
    return level_times(file, volume.epoch);
}

}  // namespace img::volume
