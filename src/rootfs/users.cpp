#include "rootfs/users.hpp"

#include "base/printable.hpp"
#include "rootfs/accounts.hpp"
#include "rootfs/groups.hpp"
#include "tree/place.hpp"
#include "tree/plain_text.hpp"
#include "tree/tree.hpp"

namespace img::rootfs {
namespace {

using tree::is_one_line;
using tree::place;
using tree::told_by;
using tree::Tree;

bool is_field(std::string_view text) {
    return is_one_line(text) && text.find(':') == std::string_view::npos;
}

Result<void> check(const Tree& tree, const kickstart::User& user, const std::string& who) {
    if (!is_account_name(user.name)) {
        return fail(Fault::invalid,
                    who +
                        ": a user's name has up to 32 letters, digits, _ . - and begins with a "
                        "letter");
    }
    if (!is_field(user.gecos) || !is_field(user.home) || !is_field(user.shell)) {
        return fail(Fault::invalid,
                    fmt::format("{}: colons and line ends have no place in /etc/passwd", who));
    }
    if (!user.home.empty() && !user.home.starts_with('/')) {
        return fail(Fault::invalid, fmt::format("{}: --homedir={} does not begin with /", who,
                                                printable(user.home)));
    }
    if (!user.shell.empty() && !tree.is_program(user.shell)) {
        return fail(Fault::invalid,
                    fmt::format("{}: the image has no {}; add its package to %packages", who,
                                printable(user.shell)));
    }
    return {};
}

}  // namespace

system::Command user_command(const Tree& tree, const kickstart::User& user, bool is_there) {
    std::vector<std::string> argv{is_there ? "usermod" : "useradd"};
    const auto option = [&argv](const char* name, std::string value) {
        if (!value.empty()) {
            argv.emplace_back(name);
            argv.push_back(std::move(value));
        }
    };
    if (!is_there) {
        argv.emplace_back("--create-home");
    }
    std::vector<std::string> groups;
    for (const auto& text : user.groups) {
        groups.push_back(text.substr(0, text.find('(')));
    }
    if (is_there && !groups.empty()) {
        argv.emplace_back("--append");
    }
    option("--groups", fmt::format("{}", fmt::join(groups, ",")));
    option("--uid", user.uid ? std::to_string(*user.uid) : "");
    option("--gid", user.gid ? std::to_string(*user.gid) : "");
    option(is_there ? "--home" : "--home-dir", user.home);
    // useradd's own default is /bin/sh; people expect the shell that adduser gives them.
    option("--shell", user.shell.empty() && !is_there && tree.is_program("/bin/bash") ? "/bin/bash"
                                                                                      : user.shell);
    option("--comment", user.gecos);
    argv.emplace_back("--");
    argv.push_back(user.name);
    return {.argv = std::move(argv), .root = tree.folder()};
}

Result<void> set_users(system::CommandRunner& runner,
                       const Tree& tree,
                       const kickstart::Document& document,
                       const UserSettings& settings) {
    // shadow-utils take the day of the last change from it.
    const std::vector<std::string> environment{fmt::format("SOURCE_DATE_EPOCH={}", settings.epoch)};
    std::string entries;
    const auto add_entry = [&](const std::string& name,
                               const kickstart::Password& password) -> Result<void> {
        const std::string seed = settings.seed.empty() ? std::string() : settings.seed + ":" + name;
        entries += fmt::format("{}:{}\n", name, TRY(shadow_field(password, settings.method, seed)));
        return {};
    };
    if (document.root_password) {
        const auto& root = *document.root_password;
        const std::string who = place("rootpw", root.where);
        if (root.password.text.empty() && !root.password.locked) {
            return fail(Fault::invalid, who + ": no password; --lock gives root none");
        }
        TRY(told_by(who, add_entry("root", root.password)));
    }
    for (const auto& user : document.users) {
        const std::string who = place("user " + printable(user.name), user.where);
        TRY(check(tree, user, who));
        TRY(told_by(who, make_groups_of(runner, tree, user)));
        const auto accounts = TRY(users_of(tree));
        const bool is_there = find_account(accounts, user.name) != nullptr;
        system::Command command = user_command(tree, user, is_there);
        command.environment = environment;
        // A usermod with nothing to change ends with a usage error.
        if (!is_there || command.argv.size() > 3) {
            TRY(told_by(who, runner.run(command)));
        }
        if (!user.password.text.empty() || user.password.locked) {
            TRY(told_by(who, add_entry(user.name, user.password)));
        }
    }
    if (!entries.empty()) {
        TRY(runner.run({.argv = {"chpasswd", "-e"},
                        .environment = environment,
                        .root = tree.folder(),
                        .input = entries}));
    }
    return {};
}

}  // namespace img::rootfs
