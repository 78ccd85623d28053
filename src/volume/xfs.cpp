#include "volume/xfs.hpp"

#include "system/sparse_file.hpp"

#include <fmt/format.h>
#include <fstream>

namespace img::volume {
namespace {

constexpr std::size_t kLabelMax = 12;  // sb_fname of the superblock

}  // namespace

system::Command mkfs_xfs(const Volume& volume,
                         const std::filesystem::path& prototype,
                         const std::filesystem::path& file) {
    system::Command command{
        .argv = {"mkfs.xfs", "-q", "-f", "-K", "-m", fmt::format("uuid={},bigtime=1", volume.uuid),
                 "-s", fmt::format("size={}", volume.sector_bytes), "-i", "nrext64=0"},
        .directory = volume.content,
        .steady = steady(volume)};
    if (!volume.label.empty()) {
        command.argv.insert(command.argv.end(), {"-L", volume.label});
    }
    if (!prototype.empty()) {
        command.argv.insert(command.argv.end(), {"-p", prototype.string()});
    }
    command.argv.insert(command.argv.end(), volume.options.begin(), volume.options.end());
    command.argv.push_back(file.string());
    return command;
}

system::Command correct_xfs(const XfsFilling& filling, const std::filesystem::path& file) {
    return {.argv = {"xfs_db", "-x", "-f", file.string()},
            .input = filling.corrections,
            .captured = true};  // it repeats every value it writes
}

Result<void> check_xfs(const Volume& volume) {
    TRY(check_label(volume, "XFS", kLabelMax));
    return check_uuid(volume);
}

Result<void> make_xfs(system::CommandRunner& runner,
                      const Volume& volume,
                      const std::filesystem::path& file) {
    TRY(check_xfs(volume));
    TRY(system::create_sparse(file, volume.size_bytes));
    if (volume.content.empty()) {
        TRY(runner.run(mkfs_xfs(volume, {}, file)));
        return {};
    }
    const XfsFilling filling = TRY(xfs_filling(volume.content, volume.epoch));
    const std::filesystem::path prototype = file.string() + ".prototype";
    std::ofstream out(prototype, std::ios::binary);
    out << filling.prototype;
    out.close();
    if (!out) {
        return fail(Fault::exhausted,
                    fmt::format("write {}: is the disk full?", prototype.string()));
    }
    const auto made = runner.run(mkfs_xfs(volume, prototype, file));
    std::error_code ignored;
    std::filesystem::remove(prototype, ignored);
    if (!made) {
        return std::unexpected(made.error());
    }
    TRY(runner.run(correct_xfs(filling, file)));
    return {};
}

}  // namespace img::volume
