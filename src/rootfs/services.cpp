#include "rootfs/services.hpp"

#include "base/nearest.hpp"
#include "base/printable.hpp"
#include "tree/place.hpp"
#include "tree/tree.hpp"
#include "tree/units.hpp"

namespace img::rootfs {
namespace {

using tree::all_units;
using tree::has_unit;
using tree::place;
using tree::service_name;
using tree::Tree;
using tree::unit_name;

constexpr std::size_t kUnitNameMax = 255;  // systemd's UNIT_NAME_MAX

bool is_unit_name(std::string_view name) {
    return !name.empty() && name.size() <= kUnitNameMax && name[0] != '-' && name[0] != '.' &&
           name.find_first_not_of(
               "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
               "0123456789:_.\\@-") == std::string_view::npos;
}

std::unexpected<Error> unknown(const Tree& tree,
                               const std::string& unit,
                               const kickstart::Location& where) {
    const std::string close = nearest(unit, all_units(tree));
    return fail(
        Fault::invalid,
        fmt::format(
            "{}: the image has no {}; {}", place("services --enabled=" + service_name(unit), where),
            unit, close.empty() ? "is its package in %packages?" : "did you mean " + close + "?"));
}

/// The names as units, each checked.
Result<std::vector<std::string>> units_of(const std::vector<std::string>& services,
                                          const kickstart::Location& where) {
    std::vector<std::string> units;
    for (const auto& service : services) {
        if (!is_unit_name(service)) {
            return fail(Fault::invalid, fmt::format("{}: '{}' is not the name of a service",
                                                    place("services", where), printable(service)));
        }
        units.push_back(unit_name(service));
    }
    return units;
}

Result<void> run_init(system::CommandRunner& runner,
                      const Tree& tree,
                      const char* verb,
                      const std::vector<std::string>& units) {
    if (units.empty()) {
        return {};
    }
    if (tree.is_program("/bin/systemctl") || tree.is_program("/usr/bin/systemctl")) {
        // --root=/ because the tree's systemd is not the one that runs: only links are made.
        system::Command command{.argv = {"systemctl", "--root=/", verb, "--"},
                                .root = tree.folder()};
        command.argv.insert(command.argv.end(), units.begin(), units.end());
        TRY(runner.run(command));
        return {};
    }
    const bool chkconfig =
        tree.is_program("/sbin/chkconfig") || tree.is_program("/usr/sbin/chkconfig");
    for (const auto& unit : units) {
        const std::string name = service_name(unit);
        const char* on_or_off = std::string_view(verb) == "enable" ? "on" : "off";
        std::vector<std::string> argv = {"update-rc.d", name, verb};
        if (chkconfig) {
            argv = {"chkconfig", name, on_or_off};
        }
        TRY(runner.run({.argv = std::move(argv), .root = tree.folder()}));
    }
    return {};
}

}  // namespace

Result<void> set_services(system::CommandRunner& runner,
                          const Tree& tree,
                          const kickstart::Services& services,
                          const system::LineSink& log) {
    const auto enabled = TRY(units_of(services.enabled, services.where));
    for (const auto& unit : enabled) {
        if (!has_unit(tree, unit)) {
            return unknown(tree, unit, services.where);
        }
    }
    std::vector<std::string> disabled;
    for (auto& unit : TRY(units_of(services.disabled, services.where))) {
        if (has_unit(tree, unit)) {
            disabled.push_back(std::move(unit));
        } else {
            log(fmt::format("{}: the image has no {}: nothing to disable",
                            place("services", services.where), unit));
        }
    }
    TRY(run_init(runner, tree, "disable", disabled));
    return run_init(runner, tree, "enable", enabled);
}

}  // namespace img::rootfs
