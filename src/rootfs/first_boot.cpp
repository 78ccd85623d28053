#include "rootfs/first_boot.hpp"

#include "tree/distribution.hpp"
#include "tree/place.hpp"
#include "tree/settings_file.hpp"
#include "tree/tree.hpp"
#include "tree/units.hpp"

namespace img::rootfs {
namespace {

using kickstart::FirstBootMode;
using tree::has_systemd;
using tree::has_unit;
using tree::is_rpm_tree;
using tree::place;
using tree::Tree;
using tree::with_assignment;

constexpr auto kSystemd = "systemd-firstboot.service";
constexpr auto kFlag = "/etc/reconfigSys";
constexpr auto kSysconfig = "/etc/sysconfig/firstboot";

// systemd's own condition is a machine without an id, which no image of ours is: it would also
// apply all presets, over what `services` said. The flag is ours, and goes when it has asked.
constexpr auto kDropIn = R"([Unit]
ConditionFirstBoot=
ConditionPathExists=/etc/reconfigSys

[Service]
ExecStartPost=/bin/rm -f /etc/reconfigSys
)";

}  // namespace

Result<kickstart::Services> set_first_boot(const Tree& tree,
                                           const kickstart::FirstBoot& first_boot,
                                           const system::LineSink& log) {
    const bool asks = first_boot.mode != FirstBootMode::disable;
    kickstart::Services services;
    auto& units = asks ? services.enabled : services.disabled;
    for (const char* unit :
         {"initial-setup.service", "initial-setup-graphical.service", "initial-setup-text.service",
          "firstboot-graphical.service", "firstboot.service"}) {
        // One asks, none is left to ask.
        if (has_unit(tree, unit) && (!asks || units.empty())) {
            units.emplace_back(unit);
        }
    }
    if (is_rpm_tree(tree) && !has_systemd(tree)) {
        const std::string old = TRY(tree.read_if_there(kSysconfig));
        TRY(tree.write(kSysconfig, with_assignment(old, "RUN_FIRSTBOOT", asks ? "YES" : "NO")));
    }
    if (!asks) {
        TRY(tree.remove(kFlag));
        return services;
    }
    if (!services.enabled.empty()) {
        if (first_boot.mode == FirstBootMode::reconfig) {
            TRY(tree.write(kFlag, ""));
        }
        return services;
    }
    if (!has_unit(tree, kSystemd)) {
        log(
            fmt::format("warning: {}: the image has nothing that asks; initial-setup or "
                        "systemd does",
                        place("firstboot", first_boot.where)));
        return services;
    }
    const std::filesystem::path folder = "/etc/systemd/system";
    TRY(tree.write(folder / "systemd-firstboot.service.d/kickstart.conf", kDropIn));
    TRY(tree.link(folder / "sysinit.target.wants" / kSystemd,
                  (tree.is_file(std::string("/usr/lib/systemd/system/") + kSystemd)
                       ? "/usr/lib/systemd/system/"
                       : "/lib/systemd/system/") +
                      std::string(kSystemd)));
    TRY(tree.write(kFlag, ""));
    return services;
}

}  // namespace img::rootfs
