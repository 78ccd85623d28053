#include "volume/jffs2.hpp"

#include "base/byte_size.hpp"
#include "volume/flash_blocks.hpp"
#include "volume/flash_nodes.hpp"

#include <fmt/format.h>

namespace img::volume {
namespace {

constexpr std::uint64_t kBlocksMin = 5;  // jffs2_do_fill_super(): "Too few erase blocks"

}  // namespace

system::Command mkfs_jffs2(const Volume& volume, const std::filesystem::path& file) {
    // The page size stays 4096: it is that of the memory, not of the flash, and bounds a node.
    system::Command command{
        .argv = {"mkfs.jffs2", "--little-endian", "--with-xattr", "--pad",
                 fmt::format("--eraseblock={}KiB", volume.flash->peb_bytes / kKiB)},
        .steady = steady(volume)};
    if (!volume.flash->is_nor()) {
        command.argv.push_back("--no-cleanmarkers");  // on NAND they lie beside the pages
    }
    if (!volume.content.empty()) {
        command.argv.push_back("--root=" + volume.content.string());
    }
    command.argv.insert(command.argv.end(), volume.options.begin(), volume.options.end());
    command.argv.push_back("--output=" + file.string());
    return command;
}

Result<void> check_jffs2(const Volume& volume) {
    if (!volume.flash) {
        return fail(Fault::invalid,
                    fmt::format("{}: jffs2 needs a chip of flash memory, whose erase blocks are "
                                "known: make an image of type jffs2",
                                volume.name));
    }
    TRY(check_geometry(*volume.flash));
    TRY(check_label(volume, "JFFS2", 0));
    if (volume.size_bytes < kBlocksMin * volume.flash->peb_bytes) {
        return fail(Fault::invalid,
                    fmt::format("{}: {} are less than the {} erase blocks that jffs2 wants",
                                volume.name, human_size(volume.size_bytes), kBlocksMin));
    }
    return {};
}

Result<void> make_jffs2(system::CommandRunner& runner,
                        const Volume& volume,
                        const std::filesystem::path& file) {
    TRY(check_jffs2(volume));
    TRY(runner.run(mkfs_jffs2(volume, file)));
    std::error_code error;
    const std::uint64_t bytes = std::filesystem::file_size(file, error);
    if (error) {
        return fail(Fault::broken, fmt::format("{}: {}", file.string(), error.message()));
    }
    if (bytes > volume.size_bytes) {
        return fail(
            Fault::invalid,
            fmt::format("{} of {} is too small for its content by {}: as jffs2 it takes "
                        "{} MiB",
                        volume.name, human_size(volume.size_bytes),
                        human_size(bytes - volume.size_bytes), round_up(bytes, kMiB) / kMiB));
    }
    return change_blocks(file, volume.flash->peb_bytes, [&](std::string& block) {
        return level_jffs2_block(block, volume.epoch);
    });
}

}  // namespace img::volume
