#include "volume/ext.hpp"

#include "base/byte_size.hpp"
#include "system/sparse_file.hpp"

#include <algorithm>
#include <fmt/format.h>

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
        .environment = {"MKE2FS_SKIP_PROGRESS=1"},
        .steady = steady(volume)};
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
    return {};
}

}  // namespace img::volume
