#include "rootfs/accounts.hpp"

#include "base/text.hpp"
#include "tree/plain_text.hpp"
#include "tree/tree.hpp"

#include <algorithm>
#include <charconv>

namespace img::rootfs {
namespace {

using tree::is_plain;
using tree::Tree;

constexpr std::size_t kNameMax = 32;  // useradd's own bound

/// Empty fields included, unlike split().
std::vector<std::string_view> fields_of(std::string_view line) {
    std::vector<std::string_view> fields;
    for (std::size_t at = 0; at <= line.size();) {
        const auto end = std::min(line.find(':', at), line.size());
        fields.push_back(line.substr(at, end - at));
        at = end + 1;
    }
    return fields;
}

bool read_id(std::string_view text, std::uint32_t& id) {
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), id);
    return error == std::errc() && end == text.data() + text.size();
}

}  // namespace

bool is_account_name(std::string_view name) {
    return !name.empty() && name.size() <= kNameMax && name[0] != '-' && name[0] != '.' &&
           is_plain(name, "_.-") && !(name[0] >= '0' && name[0] <= '9');
}

std::vector<Account> parse_accounts(std::string_view text) {
    std::vector<Account> accounts;
    for (const auto& line : split(text, "\n")) {
        const auto fields = fields_of(line);
        Account account;
        if (fields.size() < 4 || fields[0].empty() || !read_id(fields[2], account.id)) {
            continue;
        }
        account.name = fields[0];
        if (fields.size() >= 7 && read_id(fields[3], account.gid)) {
            account.home = fields[5];
        }
        accounts.push_back(std::move(account));
    }
    return accounts;
}

Result<std::vector<Account>> users_of(const Tree& tree) {
    return parse_accounts(TRY(tree.read("/etc/passwd")));
}

Result<std::vector<Account>> groups_of(const Tree& tree) {
    return parse_accounts(TRY(tree.read("/etc/group")));
}

const Account* find_account(std::span<const Account> accounts, std::string_view name) {
    const auto found = std::ranges::find(accounts, name, &Account::name);
    return found == accounts.end() ? nullptr : &*found;
}

std::vector<std::string> names_of(std::span<const Account> accounts) {
    std::vector<std::string> names;
    for (const auto& account : accounts) {
        names.push_back(account.name);
    }
    return names;
}

}  // namespace img::rootfs
