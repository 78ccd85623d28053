#include "kickstart/bounds.hpp"
#include "kickstart/command_table.hpp"
#include "kickstart/quote.hpp"
#include "kickstart/values.hpp"

#include <algorithm>
#include <array>

namespace img::kickstart {
namespace {

constexpr std::uint64_t kIdMax = 0xfffffffe;  // 2^32 - 1 means "no such id" to the kernel

Result<std::uint32_t> parse_id(std::string_view text) {
    return static_cast<std::uint32_t>(TRY(parse_number(text, kIdMax)));
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
        report.error(line.where(), "{} has both --iscrypted and --plaintext; keep one", title);
    }
    if (password.kind != PasswordKind::crypted || password.text.empty()) {
        return;
    }
    if (password.text.find_first_of(": \t") != std::string::npos) {
        report.error(line.where(), "{}: a crypted password holds no colon and no blank", title);
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

void read_rootpw(const CommandLine& line, Reading& reading) {
    static const OptionTable<RootPassword> table{
        calls<set_crypted<RootPassword>>("--iscrypted", Takes::nothing),
        calls<set_plain<RootPassword>>("--plaintext", Takes::nothing),
        calls<set_locked<RootPassword>>("--lock", Takes::nothing),
        ignored("--allow-ssh", Takes::nothing, "write sshd's configuration in %post"),
    };
    RootPassword root;
    root.where = line.where();
    const auto given = table.read(line, root, reading.report);
    if (const Word* word = only_positional(line, given, reading.report)) {
        store_word<parse_password>(line, *word, root.password.text, reading.report);
    } else if (!root.password.locked) {
        reading.report.error(line.where(), "rootpw needs a password, or --lock");
    }
    check_password(line, given, root.password, "rootpw", reading.report);
    if (reading.document.root_password) {
        warn_of_replacement(line, reading.document.root_password->where, reading.report);
    }
    reading.document.root_password = std::move(root);
}

void read_user(const CommandLine& line, Reading& reading) {
    static const OptionTable<User> table{
        takes<&User::name, parse_user_name>("--name"),
        takes_list<&User::groups, parse_user_name>("--groups"),
        calls<set_user_password>("--password", Takes::value_or_empty),
        calls<set_crypted<User>>("--iscrypted", Takes::nothing),
        calls<set_plain<User>>("--plaintext", Takes::nothing),
        calls<set_locked<User>>("--lock", Takes::nothing),
        takes<&User::home, parse_absolute_path>("--homedir"),
        takes<&User::shell, parse_absolute_path>("--shell"),
        takes<&User::gecos, parse_passwd_field>("--gecos", Takes::value_or_empty),
        takes<&User::uid, parse_id>("--uid"),
        takes<&User::gid, parse_id>("--gid"),
    };
    User user;
    user.where = line.where();
    const auto given = table.read(line, user, reading.report);
    refuse_positionals(line, given, reading.report);
    if (!given.has("--name")) {
        reading.report.error(line.where(), "user needs --name");
    } else if (user.name == "root") {
        reading.report.error(line.where(),
                             "user root is always there; set its password with "
                             "rootpw");
    }
    check_password(line, given, user.password, fmt::format("user {}", user.name), reading.report);

    auto& all = reading.document.users;
    if (!has_room(all.size(), kUsersMax, "users", line.where(), reading.report)) {
        return;
    }
    const auto same = std::ranges::find(all, user.name, &User::name);
    if (!user.name.empty() && same != all.end()) {
        reading.report.error(line.where(), "user {} was named in line {} already", user.name,
                             same->where.line);
    } else {
        all.push_back(std::move(user));
    }
}

constexpr std::string_view kAuth =
    "passwords are hashed as the packages of the image have it set up";

constexpr std::array<Command, 8> kCommands{{
    {"rootpw", Effect::acts, read_rootpw, {}},
    {"user", Effect::acts, read_user, {}},
    {"auth", Effect::none, nullptr, kAuth},
    {"authconfig", Effect::none, nullptr, kAuth},
    {"authselect", Effect::none, nullptr, kAuth},
    {"group", Effect::refused, nullptr, "not in this version; write groupadd in %post"},
    {"sshkey", Effect::refused, nullptr, "not in this version; write authorized_keys in %post"},
    {"sshpw", Effect::none, nullptr, "it is for the installer's own session"},
}};

}  // namespace

std::span<const Command> account_commands() {
    return kCommands;
}

}  // namespace img::kickstart
