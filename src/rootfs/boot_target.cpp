#include "rootfs/boot_target.hpp"

#include "base/text.hpp"
#include "tree/distribution.hpp"
#include "tree/place.hpp"
#include "tree/plain_text.hpp"
#include "tree/settings_file.hpp"
#include "tree/tree.hpp"

#include <algorithm>

namespace img::rootfs {
namespace {

using tree::has_systemd;
using tree::is_plain;
using tree::is_rpm_tree;
using tree::place;
using tree::refuse;
using tree::Tree;
using tree::with_assignment;

constexpr auto kInittab = "/etc/inittab";
constexpr unsigned kGraphical = 5;
constexpr unsigned kConsole = 3;

/// Kickstart's names of desktops and the programs that start them.
constexpr std::pair<std::string_view, std::string_view> kSessions[] = {
    {"gnome", "/usr/bin/gnome-session"},    {"kde", "/usr/bin/startplasma-x11"},
    {"plasma", "/usr/bin/startplasma-x11"}, {"xfce", "/usr/bin/startxfce4"},
    {"lxde", "/usr/bin/startlxde"},         {"lxqt", "/usr/bin/startlxqt"},
    {"mate", "/usr/bin/mate-session"},      {"cinnamon", "/usr/bin/cinnamon-session"},
};

std::string lower(std::string text) {
    std::ranges::transform(text, text.begin(), [](char c) {
        return static_cast<char>(c >= 'A' && c <= 'Z' ? c - 'A' + 'a' : c);
    });
    return text;
}

Result<void> set_target(const Tree& tree, const kickstart::XConfig& xconfig) {
    const std::string target = xconfig.skip ? "multi-user.target" : "graphical.target";
    if (has_systemd(tree)) {
        const bool merged = tree.is_file("/usr/lib/systemd/system/" + target);
        return tree.link("/etc/systemd/system/default.target",
                         (merged ? "/usr/lib/systemd/system/" : "/lib/systemd/system/") + target);
    }
    if (!tree.exists(kInittab)) {
        return refuse(xconfig.skip ? "skipx" : "xconfig --startxonboot", xconfig.where,
                      "the image has neither systemd nor /etc/inittab; add an init system to "
                      "%packages");
    }
    return tree.write(
        kInittab, with_runlevel(TRY(tree.read(kInittab)), xconfig.skip ? kConsole : kGraphical));
}

Result<void> set_default_desktop(system::CommandRunner& runner,
                                 const Tree& tree,
                                 const kickstart::XConfig& xconfig,
                                 const system::LineSink& log) {
    const std::string what = "xconfig --defaultdesktop=" + xconfig.default_desktop;
    if (!is_plain(xconfig.default_desktop, "_.+-") || xconfig.default_desktop[0] == '-') {
        return refuse(what, xconfig.where, "not the name of a desktop, as GNOME is");
    }
    if (is_rpm_tree(tree)) {
        constexpr auto kFile = "/etc/sysconfig/desktop";
        const std::string old = TRY(tree.read_if_there(kFile));
        return tree.write(kFile, with_assignment(old, "DESKTOP", xconfig.default_desktop));
    }
    const auto session = std::ranges::find(kSessions, lower(xconfig.default_desktop),
                                           [](const auto& row) { return row.first; });
    if (session == std::end(kSessions) || !tree.is_program(session->second)) {
        log(fmt::format("warning: {}: the image has no session of that name",
                        place(what, xconfig.where)));
        return {};
    }
    TRY(runner.run({.argv = {"update-alternatives", "--set", "x-session-manager",
                             std::string(session->second)},
                    .root = tree.folder()}));
    return {};
}

}  // namespace

std::string with_runlevel(std::string_view inittab, unsigned level) {
    std::string text;
    bool is_set = false;
    for (const auto& line : split(inittab, "\n")) {
        const bool is_it = !line.starts_with('#') && line.ends_with(":initdefault:");
        text += is_it ? fmt::format("id:{}:initdefault:\n", level) : line + "\n";
        is_set = is_set || is_it;
    }
    return is_set ? text : text + fmt::format("id:{}:initdefault:\n", level);
}

Result<void> set_boot_target(system::CommandRunner& runner,
                             const Tree& tree,
                             const kickstart::XConfig& xconfig,
                             const system::LineSink& log) {
    if (xconfig.skip || xconfig.start_on_boot) {
        TRY(set_target(tree, xconfig));
    }
    return xconfig.default_desktop.empty() ? Result<void>()
                                           : set_default_desktop(runner, tree, xconfig, log);
}

}  // namespace img::rootfs
