#include "volume/btrfs.hpp"

#include "base/byte_size.hpp"
#include "system/sparse_file.hpp"

#include <fmt/format.h>

namespace img::volume {
namespace {

constexpr std::size_t kLabelMax = 255;  // BTRFS_LABEL_SIZE, without its NUL

}  // namespace

system::Command mkfs_btrfs(const Volume& volume, const std::filesystem::path& file) {
    system::Command command{.argv = {"mkfs.btrfs", "-q", "-f", "-K", "-U", volume.uuid},
                            .steady = steady(volume)};
    if (!volume.label.empty()) {
        command.argv.insert(command.argv.end(), {"-L", volume.label});
    }
    if (!volume.content.empty()) {
        command.argv.insert(command.argv.end(), {"--rootdir", volume.content.string()});
    }
    command.argv.insert(command.argv.end(), volume.options.begin(), volume.options.end());
    command.argv.push_back(file.string());
    return command;
}

Result<void> check_btrfs(const Volume& volume) {
    TRY(check_label(volume, "btrfs", kLabelMax));
    return check_uuid(volume);
}

Result<void> make_btrfs(system::CommandRunner& runner,
                        const Volume& volume,
                        const std::filesystem::path& file) {
    TRY(check_btrfs(volume));
    TRY(system::create_sparse(file, volume.size_bytes));
    TRY(runner.run(mkfs_btrfs(volume, file)));
    // It makes the file larger rather than fail; the partition cannot follow.
    std::error_code error;
    const std::uint64_t size_bytes = std::filesystem::file_size(file, error);
    if (error || size_bytes > volume.size_bytes) {
        return fail(Fault::broken, fmt::format("mkfs.btrfs: {} MiB are not enough, it made {} MiB",
                                               volume.size_bytes / kMiB, size_bytes / kMiB));
    }
    return {};
}

}  // namespace img::volume
