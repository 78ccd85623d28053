#include "base/text.hpp"
#include "kickstart/bounds.hpp"
#include "kickstart/command_table.hpp"
#include "syntax/quote.hpp"
#include "syntax/values.hpp"

#include <algorithm>
#include <array>

namespace img::kickstart {
namespace {

using syntax::in_quotes;
using syntax::parse_absolute_path;
using syntax::parse_number;
using syntax::parse_passwd_field;
using syntax::parse_plain_option;
using syntax::parse_printable;
using syntax::parse_user_name;

constexpr std::uint64_t kIdMax = 0xfffffffe;  // 2^32 - 1 means "no such id" to the kernel

Result<std::uint32_t> parse_id(std::string_view text) {
    return static_cast<std::uint32_t>(TRY(parse_number(text, kIdMax)));
}

/// "wheel", "wheel(10)"
Result<std::string> parse_group_of_user(std::string_view text) {
    const auto open = text.find('(');
    if (open == std::string_view::npos) {
        return parse_user_name(text);
    }
    if (!text.ends_with(')')) {
        return fail(Fault::invalid, fmt::format("{} is not NAME(GID)", in_quotes(text)));
    }
    const auto name = TRY(parse_user_name(trim(text.substr(0, open))));
    const auto id = TRY(parse_id(trim(text.substr(open + 1, text.size() - open - 2))));
    return fmt::format("{}({})", name, id);
}

/// As parse_printable(), but its sentence does not quote a password.
Result<std::string> parse_password(std::string_view text) {
    auto password = parse_printable(text);
    if (!password) {
        return fail(Fault::invalid,
                    "the password holds a control character or is longer than 4096 bytes");
    }
    return password;
}

/// What the options say about a password; the password itself comes from elsewhere.
void check_password(const CommandLine& line,
                    const Given& given,
                    const Password& password,
                    std::string_view title,
                    Reporter& report) {
    if (given.has("--iscrypted") && given.has("--plaintext")) {
        report.warning(line.where(), "{} has both --iscrypted and --plaintext; the later counts",
                       title);
    }
    if (password.kind != PasswordKind::crypted || password.text.empty()) {
        return;
    }
    if (password.text.find_first_of(": \t") != std::string::npos) {
        report.refuse(line.where(), "{}: a crypted password holds no colon and no blank", title);
    } else if (!std::string_view("$!*_").contains(password.text[0]) && password.text.size() != 13) {
        // 13 characters: the DES form of crypt(5), the only one without a mark in front.
        report.warning(line.where(),
                       "{}: this does not look like a crypted password; nobody will "
                       "be able to log in with it",
                       title);
    }
}

// Both RootPassword and User hold a Password and take the same options for it.
template <typename Owner>
Result<void> set_crypted(Owner& owner, std::string_view /*nothing*/) {
    owner.password.kind = PasswordKind::crypted;
    return {};
}

template <typename Owner>
Result<void> set_plain(Owner& owner, std::string_view /*nothing*/) {
    owner.password.kind = PasswordKind::plain;
    return {};
}

template <typename Owner>
Result<void> set_locked(Owner& owner, std::string_view /*nothing*/) {
    owner.password.locked = true;
    return {};
}

Result<void> set_user_password(User& user, std::string_view text) {
    user.password.text = TRY(parse_password(text));
    return {};
}

const OptionTable<RootPassword>& rootpw_options() {
    static const OptionTable<RootPassword> table{
        calls<set_crypted<RootPassword>>("--iscrypted"),
        calls<set_plain<RootPassword>>("--plaintext", "F8"),
        calls<set_locked<RootPassword>>("--lock", "F8"),
        flag<&RootPassword::allow_ssh>("--allow-ssh", "F37"),
    };
    return table;
}

void read_rootpw(const CommandLine& line, Reading& reading) {
    RootPassword root;
    root.where = line.where();
    const auto given = rootpw_options().read(line, root, reading.report);
    if (const Word* word = only_positional(line, given, reading.report)) {
        store_word<parse_password>(line, *word, root.password.text, reading.report);
    } else if (!root.password.locked) {
        reading.report.error(line.where(), "rootpw needs a password, or --lock");
    }
    check_password(line, given, root.password, "rootpw", reading.report);
    keep_later(line, std::move(root), reading.document.root_password, reading.report);
}

const OptionTable<User>& user_options() {
    static const OptionTable<User> table{
        takes<&User::name, parse_user_name>("--name=NAME"),
        takes_list<&User::groups, parse_group_of_user>("--groups=[GROUP,…]"),
        calls<set_user_password>("--password=[TEXT]"),
        calls<set_crypted<User>>("--iscrypted"),
        calls<set_plain<User>>("--plaintext", "F8"),
        calls<set_locked<User>>("--lock", "F8"),
        takes<&User::home, parse_absolute_path>("--homedir=FOLDER"),
        takes<&User::shell, parse_absolute_path>("--shell=PROGRAM"),
        takes<&User::gecos, parse_passwd_field>("--gecos=[TEXT]", "F12"),
        takes<&User::uid, parse_id>("--uid=ID"),
        takes<&User::gid, parse_id>("--gid=ID", "F19"),
    };
    return table;
}

/// Adds one of a list in which names are unique; the later one of two counts.
template <typename Value>
void keep_named(const CommandLine& line,
                Value value,
                std::vector<Value>& all,
                std::size_t most,
                Reporter& report) {
    const auto same = std::ranges::find(all, value.name, &Value::name);
    if (!value.name.empty() && same != all.end()) {
        report.warning(line.where(), "{} {} was named in line {} already; this one counts",
                       line.words.front().text, value.name, same->where.line);
        *same = std::move(value);
    } else if (has_room(all.size(), most, "of them", line.where(), report)) {
        all.push_back(std::move(value));
    }
}

void read_user(const CommandLine& line, Reading& reading) {
    User user;
    user.where = line.where();
    const auto given = user_options().read(line, user, reading.report);
    refuse_positionals(line, given, reading.report);
    if (!given.has("--name")) {
        reading.report.error(line.where(), "user needs --name");
    } else if (user.name == "root") {
        reading.report.refuse(line.where(),
                              "user root is always there; set its password with rootpw");
    }
    check_password(line, given, user.password, fmt::format("user {}", user.name), reading.report);
    keep_named(line, std::move(user), reading.document.users, kUsersMax, reading.report);
}

const OptionTable<Group>& group_options() {
    static const OptionTable<Group> table{
        takes<&Group::name, parse_user_name>("--name=NAME"),
        takes<&Group::gid, parse_id>("--gid=ID"),
    };
    return table;
}

void read_group(const CommandLine& line, Reading& reading) {
    Group group;
    group.where = line.where();
    const auto given = group_options().read(line, group, reading.report);
    refuse_positionals(line, given, reading.report);
    if (!given.has("--name")) {
        reading.report.error(line.where(), "group needs --name");
    }
    keep_named(line, std::move(group), reading.document.groups, kUsersMax, reading.report);
}

const OptionTable<SshKey>& sshkey_options() {
    static const OptionTable<SshKey> table{
        takes<&SshKey::user, parse_user_name>("--username=NAME"),
    };
    return table;
}

/// A line of authorized_keys: the kind of the key and the key, and what one likes behind them.
Result<std::string> parse_ssh_key(std::string_view text) {
    auto key = TRY(parse_printable(text));
    if (split(key, " \t").size() < 2) {
        return fail(Fault::invalid,
                    fmt::format("{} is no public key; it begins with ssh-ed25519 AAAA… or the like",
                                in_quotes(text)));
    }
    return key;
}

void read_sshkey(const CommandLine& line, Reading& reading) {
    SshKey key;
    key.where = line.where();
    const auto given = sshkey_options().read(line, key, reading.report);
    if (!given.has("--username")) {
        reading.report.error(line.where(), "sshkey needs --username");
    }
    if (const Word* word = only_positional(line, given, reading.report)) {
        store_word<parse_ssh_key>(line, *word, key.key, reading.report);
    } else {
        reading.report.error(line.where(), "sshkey needs a public key, in quotes");
    }
    auto& all = reading.document.ssh_keys;
    if (has_room(all.size(), kKeysMax, "keys", line.where(), reading.report)) {
        all.push_back(std::move(key));
    }
}

/// Everything behind `authselect` is for the program of that name, dashes or not.
void read_authselect(const CommandLine& line, Reading& reading) {
    Authselect authselect;
    authselect.where = line.where();
    for (std::size_t i = 1; i < line.words.size(); ++i) {
        const auto word = parse_plain_option(line.words[i].text);
        if (!word) {
            reading.report.refuse(line.where(line.words[i]), "authselect: {}",
                                  word.error().message);
            return;
        }
        authselect.words.push_back(*word);
    }
    keep_later(line, std::move(authselect), reading.document.authselect, reading.report);
}

constexpr std::string_view kAuth =
    "passwords are hashed as the packages of the image have it set up";

constexpr std::array<Command, 8> kCommands{{
    {.name = "rootpw",
     .history = "FC3",
     .note = "root's password",
     .words = "[PASSWORD]",
     .read = read_rootpw,
     .rows = [] { return rootpw_options().rows(); }},
    {.name = "user",
     .history = "FC6",
     .note = "a user, made with useradd, or changed where a package has made it",
     .read = read_user,
     .rows = [] { return user_options().rows(); }},
    {.name = "group",
     .history = "F12",
     .note = "a group, made with groupadd",
     .read = read_group,
     .rows = [] { return group_options().rows(); }},
    {.name = "sshkey",
     .history = "F22",
     .note = "a line of the user's authorized_keys",
     .words = "KEY",
     .read = read_sshkey,
     .rows = [] { return sshkey_options().rows(); }},
    {.name = "authselect",
     .history = "F28",
     .note = "runs authselect in a tree that has it",
     .words = "[WORD…]",
     .read = read_authselect},
    {.name = "auth",
     .history = "FC3-F34",
     .effect = Effect::none,
     .note = kAuth,
     .words = "[WORD…]",
     .options = "…"},
    {.name = "authconfig",
     .history = "FC3-F34",
     .effect = Effect::none,
     .note = kAuth,
     .words = "[WORD…]",
     .options = "…"},
    {.name = "sshpw",
     .history = "F13",
     .effect = Effect::none,
     .note = "it is for the installer's own session",
     .words = "PASSWORD…",
     .options = "--username=NAME --iscrypted --plaintext --lock --sshkey@F18"},
}};

}  // namespace

std::span<const Command> account_commands() {
    return kCommands;
}

}  // namespace img::kickstart
