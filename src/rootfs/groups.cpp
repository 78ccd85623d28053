#include "rootfs/groups.hpp"

#include "tree/place.hpp"
#include "tree/tree.hpp"

#include <algorithm>
#include <charconv>

namespace img::rootfs {
namespace {

using tree::did_you_mean;
using tree::in_quotes;
using tree::place;
using tree::refuse;
using tree::told_by;
using tree::Tree;

constexpr std::size_t kIdDigitsMax = 9;

/// What speaks against a group of that name and id; empty: nothing.
std::string clash(const std::vector<Account>& groups, const GroupName& wanted) {
    const Account* same = find_account(groups, wanted.name);
    if (same != nullptr) {
        return wanted.gid && *wanted.gid != same->id
                   ? fmt::format("the image's group {} has the id {}", same->name, same->id)
                   : std::string();
    }
    const auto other = std::ranges::find_if(
        groups, [&](const Account& group) { return wanted.gid && group.id == *wanted.gid; });
    return other == groups.end()
               ? std::string()
               : fmt::format("the id {} is that of the image's group {}", other->id, other->name);
}

Result<void> add(system::CommandRunner& runner, const Tree& tree, const GroupName& group) {
    system::Command command{.argv = {"groupadd"}, .root = tree.folder()};
    if (group.gid) {
        command.argv.insert(command.argv.end(), {"--gid", std::to_string(*group.gid)});
    }
    command.argv.insert(command.argv.end(), {"--", group.name});
    TRY(runner.run(command));
    return {};
}

}  // namespace

Result<GroupName> parse_group(const std::string& text) {
    const auto open = text.find('(');
    GroupName group{.name = text.substr(0, open), .gid = {}};
    if (open != std::string::npos) {
        const char* const first = text.data() + open + 1;
        const char* const last = text.data() + text.size() - 1;
        std::uint32_t gid = 0;
        const auto [end, error] = std::from_chars(first, std::max(first, last), gid);
        if (text.back() != ')' || error != std::errc() || end != last ||
            end - first > static_cast<std::ptrdiff_t>(kIdDigitsMax)) {
            return fail(Fault::invalid,
                        fmt::format("--groups: {} is not NAME(GID)", in_quotes(text)));
        }
        group.gid = gid;
    }
    if (!is_account_name(group.name)) {
        return fail(Fault::invalid,
                    fmt::format("--groups: {} is no group's name", in_quotes(group.name)));
    }
    return group;
}

Result<void> set_groups(system::CommandRunner& runner,
                        const Tree& tree,
                        const std::vector<kickstart::Group>& groups) {
    for (const auto& wanted : groups) {
        const std::string what = "group " + wanted.name;
        if (!is_account_name(wanted.name)) {
            return refuse(what, wanted.where, "not a group's name: letters, digits, _ . and -");
        }
        const GroupName group{wanted.name, wanted.gid};
        const auto there = TRY(groups_of(tree));
        if (const std::string trouble = clash(there, group); !trouble.empty()) {
            return refuse(what, wanted.where, trouble);
        }
        if (find_account(there, group.name) == nullptr) {
            TRY(told_by(place(what, wanted.where), add(runner, tree, group)));
        }
    }
    return {};
}

Result<void> make_groups_of(system::CommandRunner& runner,
                            const Tree& tree,
                            const kickstart::User& user) {
    auto groups = TRY(groups_of(tree));
    for (const auto& text : user.groups) {
        const GroupName group = TRY(parse_group(text));
        if (const std::string trouble = clash(groups, group); !trouble.empty()) {
            return fail(Fault::invalid, trouble);
        }
        if (find_account(groups, group.name) != nullptr) {
            continue;
        }
        if (!group.gid) {
            return fail(Fault::invalid,
                        fmt::format("the image has no group {}{}; make it with `group`, or have "
                                    "the package that does in %packages",
                                    group.name, did_you_mean(group.name, names_of(groups))));
        }
        TRY(add(runner, tree, group));
        groups.push_back({.name = group.name, .id = *group.gid, .gid = 0, .home = ""});
    }
    if (user.gid && std::ranges::find(groups, *user.gid, &Account::id) == groups.end()) {
        const GroupName own{user.name, user.gid};
        if (const std::string trouble = clash(groups, own); !trouble.empty()) {
            return fail(Fault::invalid, trouble);
        }
        TRY(add(runner, tree, own));
    }
    return {};
}

}  // namespace img::rootfs
