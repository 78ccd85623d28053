#include "rootfs/timezone.hpp"

#include "tree/distribution.hpp"
#include "tree/place.hpp"
#include "tree/plain_text.hpp"
#include "tree/tree.hpp"

namespace img::rootfs {
namespace {

using tree::did_you_mean;
using tree::has_systemd;
using tree::is_plain;
using tree::is_rpm_tree;
using tree::refuse;
using tree::Tree;

constexpr std::string_view kZones = "/usr/share/zoneinfo/";

bool is_zone_name(std::string_view zone) {
    return !zone.starts_with('/') && zone.find("..") == std::string_view::npos &&
           is_plain(zone, "_+-/");
}

Result<void> check(const Tree& tree, const kickstart::Timezone& timezone) {
    const std::string command = "timezone " + timezone.zone;
    const std::filesystem::path file = std::string(kZones) + timezone.zone;
    if (!is_zone_name(timezone.zone)) {
        return refuse(command, timezone.where, "not a time zone, as Europe/Berlin is");
    }
    if (!tree.exists(kZones)) {
        return refuse(command, timezone.where,
                      "the image has no time zones; add tzdata to %packages");
    }
    if (!tree.is_file(file)) {
        const std::string close =
            did_you_mean(file.filename().string(), tree.list(file.parent_path()));
        return refuse(command, timezone.where,
                      fmt::format("the image has no {}{}", file.string(),
                                  close.empty() ? "; some distributions keep old names in the "
                                                  "package tzdata-legacy"
                                                : close));
    }
    return {};
}

}  // namespace

Result<void> set_timezone(const Tree& tree, const kickstart::Timezone& timezone) {
    if (timezone.zone.empty() && !timezone.utc) {
        return {};  // a line about time sources only
    }
    const bool rpm = is_rpm_tree(tree);
    if (!timezone.zone.empty()) {
        TRY(check(tree, timezone));
        TRY(tree.link("/etc/localtime", std::string(kZones) + timezone.zone));
        if (!rpm) {
            TRY(tree.write("/etc/timezone", timezone.zone + "\n"));
        }
        if (rpm && !has_systemd(tree)) {
            TRY(tree.write("/etc/sysconfig/clock",
                           fmt::format("ZONE=\"{}\"\nUTC={}\n", timezone.zone,
                                       timezone.utc ? "True" : "False")));
        }
    }
    // hwclock(8): drift, time of the last adjustment, its rest; the last calibration; the zone.
    return tree.write("/etc/adjtime",
                      fmt::format("0.0 0 0.0\n0\n{}\n", timezone.utc ? "UTC" : "LOCAL"));
}

}  // namespace img::rootfs
