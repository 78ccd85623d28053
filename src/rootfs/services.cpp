#include "rootfs/services.hpp"

#include "base/nearest.hpp"
#include "base/printable.hpp"
#include "rootfs/place.hpp"
#include "rootfs/tree.hpp"

#include <algorithm>
#include <array>

namespace img::rootfs {
namespace {

constexpr std::size_t kUnitNameMax = 255;  // systemd's UNIT_NAME_MAX
constexpr std::array<std::string_view, 7> kSuffixes{".service", ".socket", ".timer",    ".path",
                                                    ".target",  ".mount",  ".automount"};
constexpr std::array<const char*, 3> kUnitFolders{"/etc/systemd/system", "/lib/systemd/system",
                                                  "/usr/lib/systemd/system"};

bool is_unit_name(std::string_view name) {
    return !name.empty() && name.size() <= kUnitNameMax && name[0] != '-' && name[0] != '.' &&
           name.find_first_not_of(
               "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
               "0123456789:_.\\@-") == std::string_view::npos;
}

std::string without_suffix(std::string_view unit) {
    return std::string(unit.substr(0, unit.rfind('.')));
}

std::vector<std::string> all_units(const Tree& tree) {
    std::vector<std::string> names;
    for (const char* folder : kUnitFolders) {
        const auto more = tree.list(folder);
        names.insert(names.end(), more.begin(), more.end());
    }
    return names;
}

std::unexpected<Error> unknown(const Tree& tree,
                               const std::string& unit,
                               const kickstart::Location& where) {
    const std::string close = nearest(unit, all_units(tree));
    return fail(Fault::invalid,
                fmt::format("{}: the image has no {}; {}",
                            place("services --enabled=" + without_suffix(unit), where), unit,
                            close.empty() ? "is its package in %packages?"
                                          : "did you mean " + close + "?"));
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
        const std::string name = without_suffix(unit);
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

std::string unit_name(std::string_view service) {
    const bool complete = std::ranges::any_of(
        kSuffixes, [&](std::string_view suffix) { return service.ends_with(suffix); });
    return std::string(service) + (complete ? "" : ".service");
}

bool has_unit(const Tree& tree, std::string_view unit) {
    const auto at = unit.find('@');
    const auto dot = unit.rfind('.');
    const std::string pattern = at == std::string_view::npos
                                    ? std::string()
                                    : fmt::format("{}{}", unit.substr(0, at + 1), unit.substr(dot));
    const bool found = std::ranges::any_of(kUnitFolders, [&](const std::filesystem::path folder) {
        return tree.is_file(folder / unit) || (!pattern.empty() && tree.is_file(folder / pattern));
    });
    return found || (unit.ends_with(".service") &&
                     (tree.is_program("/etc/init.d/" + without_suffix(unit)) ||
                      tree.is_program("/etc/rc.d/init.d/" + without_suffix(unit))));
}

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
