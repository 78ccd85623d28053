#include "rootfs/desktop.hpp"

#include "rootfs/accounts.hpp"
#include "rootfs/services.hpp"
#include "tree/distribution.hpp"
#include "tree/place.hpp"
#include "tree/plain_text.hpp"
#include "tree/settings_file.hpp"
#include "tree/tree.hpp"

namespace img::rootfs {
namespace {

using tree::did_you_mean;
using tree::has_systemd;
using tree::is_plain;
using tree::is_rpm_tree;
using tree::place;
using tree::refuse;
using tree::Tree;
using tree::with_assignment;
using tree::with_ini_setting;

constexpr auto kSysconfig = "/etc/sysconfig/desktop";
constexpr auto kUxlaunch = "/etc/sysconfig/uxlaunch";

Result<void> check(const Tree& tree, const kickstart::Desktop& desktop) {
    // The files are read by shells and as sections; words need no quoting in either.
    const auto word = [&](std::string_view option, const std::string& text) -> Result<void> {
        return is_plain(text, "_./+-") && !text.starts_with('-')
                   ? Result<void>()
                   : refuse(fmt::format("desktop {}={}", option, text), desktop.where,
                            "a name or a path of letters, digits, _ . / + and -");
    };
    TRY(word("--defaultdesktop", desktop.default_desktop));
    TRY(word("--defaultdm", desktop.default_manager));
    TRY(word("--session", desktop.session));
    if (desktop.autologin_user.empty()) {
        return {};
    }
    const auto users = TRY(users_of(tree));
    if (find_account(users, desktop.autologin_user) == nullptr) {
        return refuse("desktop --autologinuser=" + desktop.autologin_user, desktop.where,
                      fmt::format("the image has no such user{}; make one with `user`",
                                  did_you_mean(desktop.autologin_user, names_of(users))));
    }
    return {};
}

/// Whether gdm is there and was told.
Result<bool> tell_gdm(const Tree& tree, const kickstart::Desktop& desktop) {
    for (const char* file :
         {"/etc/gdm3/daemon.conf", "/etc/gdm3/custom.conf", "/etc/gdm/custom.conf"}) {
        if (!tree.exists(file)) {
            continue;
        }
        std::string text = TRY(tree.read(file));
        text = with_ini_setting(text, "daemon", "AutomaticLogin", desktop.autologin_user);
        text = with_ini_setting(text, "daemon", "AutomaticLoginEnable", "True");
        TRY(tree.write(file, text));
        if (!desktop.session.empty()) {
            TRY(tree.write("/var/lib/AccountsService/users/" + desktop.autologin_user,
                           fmt::format("[User]\nSession={0}\nXSession={0}\n", desktop.session),
                           0600));
        }
        return true;
    }
    return false;
}

Result<bool> tell_lightdm(const Tree& tree, const kickstart::Desktop& desktop) {
    if (!tree.is_program("/usr/sbin/lightdm")) {
        return false;
    }
    std::string text = "[Seat:*]\nautologin-user=" + desktop.autologin_user + "\n";
    if (!desktop.session.empty()) {
        text += fmt::format("autologin-session={0}\nuser-session={0}\n", desktop.session);
    }
    TRY(tree.write("/etc/lightdm/lightdm.conf.d/50-autologin.conf", text));
    return true;
}

Result<bool> tell_sddm(const Tree& tree, const kickstart::Desktop& desktop) {
    if (!tree.is_program("/usr/bin/sddm")) {
        return false;
    }
    TRY(tree.write(
        "/etc/sddm.conf.d/autologin.conf",
        fmt::format("[Autologin]\nUser={}\n{}", desktop.autologin_user,
                    desktop.session.empty() ? "" : "Session=" + desktop.session + "\n")));
    return true;
}

Result<bool> tell_uxlaunch(const Tree& tree, const kickstart::Desktop& desktop) {
    if (!tree.exists(kUxlaunch)) {
        return false;
    }
    std::string text = TRY(tree.read(kUxlaunch));
    text = with_assignment(text, "user", desktop.autologin_user);
    if (!desktop.session.empty()) {
        text = with_assignment(text, "session", desktop.session);
    }
    TRY(tree.write(kUxlaunch, text));
    return true;
}

Result<void> set_autologin(const Tree& tree,
                           const kickstart::Desktop& desktop,
                           const system::LineSink& log) {
    bool any = false;
    for (const auto tell : {tell_gdm, tell_lightdm, tell_sddm, tell_uxlaunch}) {
        any = TRY(tell(tree, desktop)) || any;
    }
    if (!any) {
        log(
            fmt::format("warning: {}: the image has no display manager that could log in: gdm, "
                        "lightdm, sddm or uxlaunch",
                        place("desktop --autologinuser=" + desktop.autologin_user, desktop.where)));
    }
    return {};
}

/// "gdm" is gdm3 on Debian.
Result<void> set_manager(const Tree& tree, const kickstart::Desktop& desktop) {
    for (const auto& name : {desktop.default_manager, desktop.default_manager + "3"}) {
        const std::string unit = name + ".service";
        for (const std::string folder : {"/usr/lib/systemd/system/", "/lib/systemd/system/"}) {
            if (tree.is_file(folder + unit)) {
                TRY(tree.link("/etc/systemd/system/display-manager.service", folder + unit));
                return is_rpm_tree(tree)
                           ? Result<void>()
                           : tree.write(
                                 "/etc/X11/default-display-manager",
                                 (name == "sddm" ? "/usr/bin/" : "/usr/sbin/") + name + "\n");
            }
        }
    }
    if (is_rpm_tree(tree) && !has_systemd(tree)) {
        return {};  // prefdm reads /etc/sysconfig/desktop
    }
    return refuse("desktop --defaultdm=" + desktop.default_manager, desktop.where,
                  "the image has no service of that name; add its package to %packages");
}

Result<void> set_sysconfig(const Tree& tree, const kickstart::Desktop& desktop) {
    std::string text = TRY(tree.read_if_there(kSysconfig));
    for (const auto& [key, value] : {std::pair("DESKTOP", &desktop.default_desktop),
                                     std::pair("AUTOLOGIN_USER", &desktop.autologin_user),
                                     std::pair("DISPLAYMANAGER", &desktop.default_manager)}) {
        if (!value->empty()) {
            text = with_assignment(text, key, *value);
        }
    }
    return text.empty() ? Result<void>() : tree.write(kSysconfig, text);
}

}  // namespace

Result<void> set_desktop(const Tree& tree,
                         const kickstart::Desktop& desktop,
                         const system::LineSink& log) {
    TRY(check(tree, desktop));
    if (!desktop.autologin_user.empty()) {
        TRY(set_autologin(tree, desktop, log));
    }
    if (!desktop.default_manager.empty()) {
        TRY(set_manager(tree, desktop));
    }
    return is_rpm_tree(tree) ? set_sysconfig(tree, desktop) : Result<void>();
}

}  // namespace img::rootfs
