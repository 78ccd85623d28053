#include "rootfs/rootfs.hpp"

#include "network/firewall.hpp"
#include "network/network.hpp"
#include "network/time_source.hpp"
#include "rootfs/authselect.hpp"
#include "rootfs/boot_target.hpp"
#include "rootfs/certificate.hpp"
#include "rootfs/desktop.hpp"
#include "rootfs/first_boot.hpp"
#include "rootfs/groups.hpp"
#include "rootfs/keyboard.hpp"
#include "rootfs/locale.hpp"
#include "rootfs/module_stream.hpp"
#include "rootfs/selinux.hpp"
#include "rootfs/services.hpp"
#include "rootfs/ssh_login.hpp"
#include "rootfs/timezone.hpp"
#include "rootfs/users.hpp"
#include "tree/tree.hpp"

#include <algorithm>
#include <initializer_list>

namespace img::rootfs {
namespace {

using tree::Tree;

bool lists_any(const kickstart::Document& document, std::initializer_list<std::string_view> names) {
    return std::ranges::any_of(document.packages.names, [&](const kickstart::PackageName& package) {
        return std::ranges::find(names, package.text) != names.end();
    });
}

bool is_wireless(const kickstart::Network& network) {
    return network.kind == kickstart::NetworkKind::wireless || !network.essid.empty();
}

void append(kickstart::Services& all, const kickstart::Services& more) {
    all.enabled.insert(all.enabled.end(), more.enabled.begin(), more.enabled.end());
    all.disabled.insert(all.disabled.end(), more.disabled.begin(), more.disabled.end());
}

Result<void> set_place(system::CommandRunner& runner,
                       const Tree& tree,
                       const kickstart::Document& document,
                       const system::LineSink& log) {
    if (document.lang) {
        TRY(set_locale(runner, tree, *document.lang, log));
    }
    if (document.keyboard) {
        TRY(set_keyboard(runner, tree, *document.keyboard));
    }
    return document.timezone ? set_timezone(tree, *document.timezone) : Result<void>();
}

Result<void> set_people(system::CommandRunner& runner,
                        const Tree& tree,
                        const kickstart::Document& document,
                        const Settings& settings,
                        const system::LineSink& log) {
    if (document.authselect) {
        TRY(run_authselect(runner, tree, *document.authselect, log));
    }
    TRY(set_groups(runner, tree, document.groups));
    TRY(set_users(runner, tree, document,
                  {.method = hash_method(tree), .seed = settings.seed, .epoch = settings.epoch}));
    TRY(set_ssh_keys(tree, document.ssh_keys));
    return document.root_password ? allow_root_login(tree, *document.root_password, log)
                                  : Result<void>();
}

/// Gives back what their programs want enabled and disabled.
Result<kickstart::Services> set_programs(system::CommandRunner& runner,
                                         const Tree& tree,
                                         const kickstart::Document& document,
                                         const system::LineSink& log) {
    kickstart::Services services;
    services.enabled = TRY(network::set_network(tree, document.networks, log));
    if (document.firewall) {
        append(services, TRY(network::set_firewall(runner, tree, *document.firewall)));
    }
    append(services,
           TRY(network::set_time_sources(tree, document.time_sources, document.no_time_sources)));
    if (document.firstboot) {
        append(services, TRY(set_first_boot(tree, *document.firstboot, log)));
    }
    if (document.selinux) {
        TRY(set_selinux(tree, *document.selinux, log));
    }
    if (document.xconfig) {
        TRY(set_boot_target(runner, tree, *document.xconfig, log));
    }
    if (document.desktop) {
        TRY(set_desktop(tree, *document.desktop, log));
    }
    return services;
}

}  // namespace

std::vector<std::string> packages_for(const kickstart::Document& document) {
    std::vector<std::string> packages;
    if (document.lang && (!is_built_in(document.lang->locale) ||
                          !std::ranges::all_of(document.lang->additional, is_built_in))) {
        packages.emplace_back("locales");
    }
    if (document.keyboard) {
        packages.insert(packages.end(), {"console-setup", "kbd", "keyboard-configuration"});
    }
    if (document.timezone && !document.timezone->zone.empty()) {
        packages.emplace_back("tzdata");
    }
    if (document.root_password || !document.users.empty() || !document.groups.empty()) {
        packages.emplace_back("passwd");
    }
    if (document.firewall && document.firewall->enabled && !document.firewall->system_defaults) {
        packages.emplace_back("netbase");  // /etc/services, and /etc/protocols for firewalld
        if (!lists_any(document, {"firewalld"})) {
            packages.emplace_back("nftables");
        }
    }
    if (!document.time_sources.empty() && !document.no_time_sources &&
        !lists_any(document, {"chrony", "ntpsec", "ntp"})) {
        packages.emplace_back("systemd-timesyncd");
    }
    if (std::ranges::any_of(document.networks, is_wireless) &&
        !lists_any(document, {"network-manager"})) {
        packages.emplace_back("wpasupplicant");
    }
    return packages;
}

Result<void> configure(system::CommandRunner& runner,
                       const std::filesystem::path& folder,
                       const kickstart::Document& document,
                       const Settings& settings,
                       const system::LineSink& log) {
    const Tree tree = TRY(Tree::open(folder));
    TRY(set_place(runner, tree, document, log));
    TRY(write_certificates(runner, tree, document.certificates));
    TRY(set_modules(tree, document.modules, log));
    TRY(set_people(runner, tree, document, settings, log));
    const auto wishes = TRY(set_programs(runner, tree, document, log));
    // The kickstart's own word comes second, so that --disabled=systemd-networkd holds.
    TRY(set_services(runner, tree, wishes, log));
    return set_services(runner, tree, document.services, log);
}

}  // namespace img::rootfs
