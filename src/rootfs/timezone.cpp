#include "rootfs/timezone.hpp"

#include "base/nearest.hpp"
#include "base/printable.hpp"
#include "rootfs/place.hpp"
#include "rootfs/tree.hpp"

namespace img::rootfs {
namespace {

constexpr std::string_view kZones = "/usr/share/zoneinfo/";

bool is_zone_name(std::string_view zone) {
    return !zone.empty() && !zone.starts_with('/') && zone.find("..") == std::string_view::npos &&
           zone.find_first_not_of(
               "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
               "0123456789_+-/") == std::string_view::npos;
}

}  // namespace

Result<void> set_timezone(const Tree& tree, const kickstart::Timezone& timezone) {
    const std::string command = place("timezone " + printable(timezone.zone), timezone.where);
    const std::string file = std::string(kZones) + timezone.zone;
    if (!is_zone_name(timezone.zone)) {
        return fail(Fault::invalid,
                    fmt::format("{}: not a time zone, as Europe/Berlin is", command));
    }
    if (!tree.is_file(file)) {
        const std::filesystem::path folder = std::filesystem::path(file).parent_path();
        const std::string close =
            nearest(std::filesystem::path(file).filename().string(), tree.list(folder));
        return fail(Fault::invalid, fmt::format("{}: the image has no {}{}", command, file,
                                                close.empty() ? "" : ", did you mean " + close));
    }
    TRY(tree.link("/etc/localtime", file));
    TRY(tree.write("/etc/timezone", timezone.zone + "\n"));
    // hwclock(8): drift, time of the last adjustment, its rest; the last calibration; the zone.
    TRY(tree.write("/etc/adjtime",
                   fmt::format("0.0 0 0.0\n0\n{}\n", timezone.utc ? "UTC" : "LOCAL")));
    return {};
}

}  // namespace img::rootfs
