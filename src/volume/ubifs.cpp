#include "volume/ubifs.hpp"

#include "base/byte_size.hpp"
#include "volume/flash_blocks.hpp"
#include "volume/flash_nodes.hpp"

#include <algorithm>
#include <charconv>
#include <fmt/format.h>

namespace img::volume {
namespace {

constexpr std::size_t kLabelMax = 127;      // UBI_VOL_NAME_MAX of ubi-media.h
constexpr std::uint64_t kLebsMin = 22;      // in fewer, mkfs.ubifs 2.1.5 finds no room for its log
constexpr std::uint64_t kUnitBytesMin = 8;  // UBIFS aligns its nodes to 8, also on NOR

std::uint64_t lebs_of(const Volume& volume) {
    return volume.size_bytes / volume.flash->leb_bytes();
}

/// "max_leb_cnt too low (123 needed)": the number, or 0 where mkfs.ubifs failed for another reason.
std::uint64_t lebs_needed(std::string_view message) {
    constexpr std::string_view kBefore = "max_leb_cnt too low (";
    const auto at = message.find(kBefore);
    std::uint64_t number = 0;
    if (at != std::string_view::npos) {
        const auto digits = message.substr(at + kBefore.size());
        std::from_chars(digits.data(), digits.data() + digits.size(), number);
    }
    return number;
}

Result<void> run_mkfs(system::CommandRunner& runner,
                      const Volume& volume,
                      const std::filesystem::path& file) {
    const auto made = runner.run(mkfs_ubifs(volume, file));
    if (made) {
        return {};
    }
    if (const std::uint64_t lebs = lebs_needed(made.error().message); lebs != 0) {
        const std::uint64_t bytes = lebs * volume.flash->leb_bytes();
        return fail(Fault::invalid,
                    fmt::format("UBI volume {} of {} is too small for its content by {}: give it "
                                "{} MiB",
                                volume.name, human_size(volume.size_bytes),
                                human_size(bytes - std::min(bytes, volume.size_bytes)),
                                round_up(bytes, kMiB) / kMiB));
    }
    return std::unexpected(made.error());
}

}  // namespace

system::Command mkfs_ubifs(const Volume& volume, const std::filesystem::path& file) {
    const FlashGeometry& chip = *volume.flash;
    // -F: what of a block is empty is written anew when it is first mounted, for flashers that
    // write pages of 0xff as they do others.
    system::Command command{
        .argv = {"mkfs.ubifs", "-F", "-m", std::to_string(std::max(chip.page_bytes, kUnitBytesMin)),
                 "-e", std::to_string(chip.leb_bytes()), "-c", std::to_string(lebs_of(volume))},
        .steady = steady(volume)};
    if (!volume.content.empty()) {
        command.argv.insert(command.argv.end(), {"-r", volume.content.string()});
    }
    command.argv.insert(command.argv.end(), volume.options.begin(), volume.options.end());
    command.argv.insert(command.argv.end(), {"-o", file.string()});
    return command;
}

Result<void> check_ubifs(const Volume& volume) {
    if (!volume.flash) {
        return fail(Fault::invalid,
                    fmt::format("{}: ubifs needs a chip of flash memory, whose erase blocks and "
                                "pages are known: make an image of type nand",
                                volume.name));
    }
    TRY(check_geometry(*volume.flash));
    TRY(check_label(volume, "UBI", kLabelMax));
    TRY(check_uuid(volume));
    if (lebs_of(volume) < kLebsMin) {
        const std::uint64_t least = kLebsMin * volume.flash->leb_bytes();
        return fail(
            Fault::invalid,
            fmt::format("UBI volume {} of {} is smaller than any ubifs on this chip: give "
                        "it {} MiB",
                        volume.name, human_size(volume.size_bytes), round_up(least, kMiB) / kMiB));
    }
    return {};
}

Result<void> make_ubifs(system::CommandRunner& runner,
                        const Volume& volume,
                        const std::filesystem::path& file) {
    TRY(check_ubifs(volume));
    TRY(run_mkfs(runner, volume, file));
    const Uuid uuid = TRY(parse_uuid(volume.uuid));
    return change_blocks(file, volume.flash->leb_bytes(), [&](std::string& block) {
        return level_ubifs_block(block, uuid, volume.epoch);
    });
}

}  // namespace img::volume
