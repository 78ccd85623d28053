#include "image/hybrid_iso.hpp"

#include "base/printable.hpp"

#include <algorithm>
#include <ctime>
#include <fmt/chrono.h>
#include <fmt/format.h>

namespace img::image {
namespace {

constexpr std::size_t kVolumeIdMax = 32;  // ECMA-119, 8.4.9
// GPT types of UEFI 2.10, table 5.7, and of Microsoft's basic data, which hides nothing.
constexpr const char* kEfiSystem = "C12A7328-F81F-11D2-BA4B-00A0C93EC93B";
constexpr const char* kBasicData = "EBD0A0A2-B9E5-4433-87C0-68B6B72699C7";

bool is_allowed(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' ||
           c == '-' || c == '.';
}

}  // namespace

Result<void> check_volume_id(std::string_view text) {
    if (text.empty() || text.size() > kVolumeIdMax || !std::ranges::all_of(text, is_allowed)) {
        return fail(Fault::invalid,
                    fmt::format("'{}' is no volume id of an ISO: give it 1 to {} letters, digits, "
                                "'_', '-' and '.'",
                                printable(text), kVolumeIdMax));
    }
    return {};
}

std::string volume_id_of(std::string_view name) {
    std::string id(name.substr(0, kVolumeIdMax));
    std::ranges::replace_if(id, [](char c) { return !is_allowed(c); }, '-');
    return id;
}

system::Command xorriso(const HybridIso& iso, const std::filesystem::path& file) {
    const auto when = fmt::gmtime(static_cast<std::time_t>(iso.epoch));
    return {.argv = {"xorriso",
                     "-no_rc",  // the machine's settings stay out
                     "-as",
                     "mkisofs",
                     "-quiet",
                     "-r",
                     "-J",
                     "-joliet-long",
                     "-iso-level",
                     "3",  // files over 4 GiB
                     "-V",
                     iso.volume_id,
                     fmt::format("--modification-date={:%Y%m%d%H%M%S}00", when),
                     "--set_all_file_dates",
                     fmt::format("={}", iso.epoch),
                     "--gpt_disk_guid",
                     iso.disk_uuid.text(),
                     "--grub2-mbr",
                     iso.mbr_code.string(),
                     "-partition_offset",
                     "16",
                     "-iso_mbr_part_type",
                     kBasicData,
                     "-append_partition",
                     "2",
                     kEfiSystem,
                     iso.efi.string(),
                     "-appended_part_as_gpt",
                     "-c",
                     "boot/grub/boot.cat",
                     "-b",
                     iso.boot_image,
                     "-no-emul-boot",
                     "-boot-load-size",
                     "4",  // sectors of 512 bytes: GRUB's first stage loads the rest
                     "-boot-info-table",
                     "--grub2-boot-info",
                     "-eltorito-alt-boot",
                     "-e",
                     "--interval:appended_partition_2:all::",
                     "-no-emul-boot",
                     "-o",
                     file.string(),
                     iso.content.string()},
            .environment = {fmt::format("SOURCE_DATE_EPOCH={}", iso.epoch), "TZ=UTC"},
            .timeout = std::chrono::hours(1)};
}

}  // namespace img::image
