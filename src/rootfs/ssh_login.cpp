#include "rootfs/ssh_login.hpp"

#include "base/text.hpp"
#include "rootfs/accounts.hpp"
#include "tree/place.hpp"
#include "tree/plain_text.hpp"
#include "tree/tree.hpp"

#include <algorithm>

namespace img::rootfs {
namespace {

using tree::did_you_mean;
using tree::in_quotes;
using tree::is_one_line;
using tree::place;
using tree::refuse;
using tree::Tree;

constexpr auto kConfig = "/etc/ssh/sshd_config";
constexpr auto kPermit = "PermitRootLogin yes\n";

bool reads_drop_ins(std::string_view config) {
    return std::ranges::any_of(split(config, "\n"), [](const std::string& line) {
        const auto words = split(line, " \t\r");
        return words.size() > 1 && words[0] == "Include" && words[1].contains("sshd_config.d");
    });
}

}  // namespace

Result<void> set_ssh_keys(const Tree& tree, const std::vector<kickstart::SshKey>& keys) {
    if (keys.empty()) {
        return {};
    }
    const auto users = TRY(users_of(tree));
    for (const auto& key : keys) {
        const std::string what = "sshkey --username=" + key.user;
        const Account* user = find_account(users, key.user);
        if (user == nullptr) {
            return refuse(what, key.where,
                          fmt::format("the image has no such user{}; make one with `user`",
                                      did_you_mean(key.user, names_of(users))));
        }
        if (trim(key.key).empty() || !is_one_line(key.key)) {
            return refuse(what, key.where, "not a key: one line, such as ssh-ed25519 AAAA…");
        }
        const std::filesystem::path home = user->home;
        if (!home.is_absolute() || home == "/" || !tree.is_folder(home)) {
            return refuse(what, key.where,
                          fmt::format("the user's home {} is not in the image; give it one with "
                                      "`user --homedir`",
                                      in_quotes(user->home)));
        }
        const auto folder = home / ".ssh";
        const auto file = folder / "authorized_keys";
        std::string text = TRY(tree.read_if_there(file));
        const std::string line(trim(key.key));
        if (std::ranges::count(split(text, "\n"), line) == 0) {
            text += (text.empty() || text.ends_with('\n') ? "" : "\n") + line + "\n";
        }
        TRY(tree.make_directory(folder, 0700));
        TRY(tree.write(file, text, 0600));
        TRY(tree.give(folder, user->id, user->gid));
        TRY(tree.give(file, user->id, user->gid));
    }
    return {};
}

Result<void> allow_root_login(const Tree& tree,
                              const kickstart::RootPassword& root,
                              const system::LineSink& log) {
    if (!root.allow_ssh) {
        return {};
    }
    if (!tree.is_program("/usr/sbin/sshd")) {
        log(fmt::format("warning: {}: the image has no sshd; openssh-server brings it",
                        place("rootpw --allow-ssh", root.where)));
    }
    const std::string config = TRY(tree.read_if_there(kConfig));
    if (config.empty() || reads_drop_ins(config)) {
        return tree.write("/etc/ssh/sshd_config.d/01-permitrootlogin.conf", kPermit);
    }
    // sshd takes the first word it reads.
    return tree.write(kConfig, config.starts_with(kPermit) ? config : kPermit + config);
}

}  // namespace img::rootfs
