#include "rootfs/rootfs.hpp"

#include "rootfs/keyboard.hpp"
#include "rootfs/locale.hpp"
#include "rootfs/network.hpp"
#include "rootfs/services.hpp"
#include "rootfs/timezone.hpp"
#include "rootfs/tree.hpp"
#include "rootfs/users.hpp"

#include <algorithm>

namespace img::rootfs {

std::vector<std::string> packages_for(const kickstart::Document& document) {
    std::vector<std::string> packages;
    if (document.lang && (!is_built_in(document.lang->locale) ||
                          !std::ranges::all_of(document.lang->additional, is_built_in))) {
        packages.emplace_back("locales");
    }
    if (document.keyboard) {
        packages.insert(packages.end(), {"console-setup", "kbd", "keyboard-configuration"});
    }
    if (document.timezone) {
        packages.emplace_back("tzdata");
    }
    if (document.root_password || !document.users.empty()) {
        packages.emplace_back("passwd");
    }
    return packages;
}

Result<void> configure(system::CommandRunner& runner,
                       const std::filesystem::path& folder,
                       const kickstart::Document& document,
                       const Settings& settings,
                       const system::LineSink& log) {
    const Tree tree = TRY(Tree::open(folder));
    if (document.lang) {
        TRY(set_locale(runner, tree, *document.lang, log));
    }
    if (document.keyboard) {
        TRY(set_keyboard(runner, tree, *document.keyboard));
    }
    if (document.timezone) {
        TRY(set_timezone(tree, *document.timezone));
    }
    const auto network_services = TRY(set_network(tree, document.networks, log));
    TRY(set_users(runner, tree, document,
                  {.method = hash_method(tree), .seed = settings.seed, .epoch = settings.epoch}));
    // The kickstart's own word comes second, so that --disabled=systemd-networkd holds.
    TRY(set_services(runner, tree, {.enabled = network_services, .disabled = {}, .where = {}},
                     log));
    return set_services(runner, tree, document.services, log);
}

}  // namespace img::rootfs
