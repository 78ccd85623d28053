#include "rootfs/users.hpp"

#include "base/nearest.hpp"
#include "base/printable.hpp"
#include "base/text.hpp"
#include "rootfs/place.hpp"
#include "rootfs/tree.hpp"

#include <algorithm>
#include <map>

namespace img::rootfs {
namespace {

constexpr std::size_t kNameMax = 32;  // useradd's own bound

/// What adduser takes on Debian, without the trailing "$" of Samba machine accounts.
bool is_user_name(std::string_view name) {
    return !name.empty() && name.size() <= kNameMax &&
           (std::isalpha(static_cast<unsigned char>(name[0])) != 0 || name[0] == '_') &&
           name.find_first_not_of(
               "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
               "0123456789_.-") == std::string_view::npos;
}

bool is_field(std::string_view text) {
    return std::ranges::none_of(
        text, [](char c) { return c == ':' || (c >= 0 && c < ' ') || c == 0x7f; });
}

/// Name to id, from /etc/passwd or /etc/group: both have the id in their third field.
Result<std::map<std::string, std::string>> ids_of(const Tree& tree, const char* file) {
    std::map<std::string, std::string> ids;
    for (const auto& line : split(TRY(tree.read(file)), "\n")) {
        const auto first = line.find(':');
        const auto second = first == std::string::npos ? first : line.find(':', first + 1);
        if (second != std::string::npos) {
            const auto third = line.find(':', second + 1);
            ids.emplace(line.substr(0, first), line.substr(second + 1, third - second - 1));
        }
    }
    return ids;
}

using Ids = std::map<std::string, std::string>;

std::vector<std::string> names_of(const Ids& ids) {
    std::vector<std::string> names;
    for (const auto& [name, id] : ids) {
        names.push_back(name);
    }
    return names;
}

bool has_id(const Ids& ids, const std::string& id) {
    return std::ranges::any_of(ids, [&](const auto& entry) { return entry.second == id; });
}

Result<void> add_group(system::CommandRunner& runner,
                       const Tree& tree,
                       const std::string& name,
                       const std::string& gid) {
    TRY(runner.run({.argv = {"groupadd", "--gid", gid, "--", name}, .root = tree.folder()}));
    return {};
}

/// The groups of a user line, each there or made; and the primary one, where its id is given.
Result<void> make_groups(system::CommandRunner& runner,
                         const Tree& tree,
                         const kickstart::User& user,
                         const std::string& who) {
    Ids groups = TRY(ids_of(tree, "/etc/group"));
    for (const auto& text : user.groups) {
        const GroupName group = TRY(parse_group(text));
        const auto found = groups.find(group.name);
        if (found == groups.end() && group.gid.empty()) {
            const std::string close = nearest(group.name, names_of(groups));
            return fail(
                Fault::invalid,
                fmt::format("{}: the image has no group {}{}; the package that makes it "
                            "belongs in %packages",
                            who, group.name, close.empty() ? "" : ", did you mean " + close));
        }
        if (found == groups.end()) {
            TRY(add_group(runner, tree, group.name, group.gid));
            groups.emplace(group.name, group.gid);
        } else if (!group.gid.empty() && group.gid != found->second) {
            return fail(Fault::invalid, fmt::format("{}: the image's group {} has the id {}", who,
                                                    group.name, found->second));
        }
    }
    if (user.gid && !has_id(groups, std::to_string(*user.gid))) {
        if (groups.contains(user.name)) {
            return fail(Fault::invalid, fmt::format("{}: the image's group {} has the id {}", who,
                                                    user.name, groups.at(user.name)));
        }
        TRY(add_group(runner, tree, user.name, std::to_string(*user.gid)));
    }
    return {};
}

Result<void> check(const Tree& tree, const kickstart::User& user, const std::string& who) {
    if (!is_user_name(user.name)) {
        return fail(Fault::invalid,
                    fmt::format("{}: a user's name has up to {} letters, digits, _ . - and begins "
                                "with a letter",
                                who, kNameMax));
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

Result<GroupName> parse_group(const std::string& text) {
    const auto open = text.find('(');
    GroupName group{.name = text.substr(0, open), .gid = ""};
    if (open != std::string::npos) {
        const auto close = text.find(')', open);
        group.gid = close == std::string::npos ? "" : text.substr(open + 1, close - open - 1);
        if (close != text.size() - 1 || group.gid.empty() || group.gid.size() > 9 ||
            group.gid.find_first_not_of("0123456789") != std::string::npos) {
            return fail(Fault::invalid,
                        fmt::format("--groups: {} is not NAME(GID)", printable(text)));
        }
    }
    if (!is_user_name(group.name)) {
        return fail(Fault::invalid,
                    fmt::format("--groups: '{}' is no group's name", printable(group.name)));
    }
    return group;
}

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
    option("--groups", join(groups, ","));
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
        TRY(told_by(who, make_groups(runner, tree, user, who)));
        const bool is_there = TRY(ids_of(tree, "/etc/passwd")).contains(user.name);
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
