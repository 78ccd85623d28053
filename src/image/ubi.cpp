#include "image/ubi.hpp"

#include "base/byte_size.hpp"
#include "base/printable.hpp"

#include <algorithm>
#include <fmt/format.h>
#include <set>

namespace img::image {
namespace {

bool is_name(std::string_view text) {
    return !text.empty() && std::ranges::all_of(text, [](unsigned char c) {
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
               c == '_' || c == '-' || c == '.' || c == '+';
    });
}

}  // namespace

Result<void> check_volumes(std::span<const UbiVolume> volumes) {
    std::set<std::string_view> names;
    std::string_view growing;
    for (const UbiVolume& volume : volumes) {
        if (!is_name(volume.name)) {
            return fail(Fault::invalid,
                        fmt::format("'{}' is no name of a UBI volume: give it a --label of "
                                    "letters, digits and _ - . +",
                                    printable(volume.name)));
        }
        if (!names.insert(volume.name).second) {
            return fail(Fault::invalid,
                        fmt::format("two UBI volumes are called {}: give one of them another "
                                    "--label",
                                    volume.name));
        }
        if (volume.grows && !growing.empty()) {
            return fail(Fault::invalid,
                        fmt::format("the UBI volumes {} and {} both grow: only one can take what "
                                    "the chip has left",
                                    growing, volume.name));
        }
        growing = volume.grows ? std::string_view(volume.name) : growing;
    }
    return {};
}

Result<void> check_room(const volume::FlashGeometry& chip, std::span<const UbiVolume> volumes) {
    std::uint64_t lebs = 0;
    for (const UbiVolume& volume : volumes) {
        lebs += volume.lebs;
    }
    const std::uint64_t usable = chip.usable_lebs();
    if (lebs <= usable) {
        return {};
    }
    return fail(
        Fault::invalid,
        fmt::format("the UBI volumes take {} and the chip has {} for them, {} too little: "
                    "of its {} erase blocks, {} are kept for bad ones and 4 are UBI's own; "
                    "make volumes smaller, or say nand --blocks",
                    human_size(lebs * chip.leb_bytes()), human_size(usable * chip.leb_bytes()),
                    human_size((lebs - usable) * chip.leb_bytes()), chip.blocks,
                    chip.bad_block_reserve()));
}

std::string ubi_config(const volume::FlashGeometry& chip, std::span<const UbiVolume> volumes) {
    std::string text;
    for (std::size_t i = 0; i < volumes.size(); ++i) {
        const UbiVolume& volume = volumes[i];
        text += fmt::format(
            "[volume-{0}]\nmode=ubi\nimage={1}\nvol_id={0}\nvol_size={2}\nvol_type=dynamic\n"
            "vol_name={3}\n{4}\n",
            i, volume.image.string(), volume.lebs * chip.leb_bytes(), volume.name,
            volume.grows ? "vol_flags=autoresize\n" : "");
    }
    return text;
}

system::Command ubinize(const volume::FlashGeometry& chip,
                        std::uint32_t sequence,
                        const std::filesystem::path& config,
                        const std::filesystem::path& image) {
    return {.argv = {"ubinize", "-o", image.string(), "-p", std::to_string(chip.peb_bytes), "-m",
                     std::to_string(chip.page_bytes), "-s", std::to_string(chip.subpage_bytes),
                     "-Q", std::to_string(sequence), config.string()}};
}

std::string ubi_boot_arguments(const volume::FlashGeometry& chip,
                               const std::string& root,
                               const std::string& more) {
    // Where headers lie in parts of pages, a kernel whose driver knows no parts has to be told.
    const std::string offset =
        chip.subpage_bytes == chip.page_bytes ? "" : fmt::format(",{}", chip.vid_header_offset());
    return fmt::format("ubi.mtd={0}{1} root=ubi0:{0} rootfstype=ubifs rw{2}{3}\n", root, offset,
                       more.empty() ? "" : " ", more);
}

}  // namespace img::image
