// Who is in a tree: the lines of /etc/passwd and /etc/group.
#pragma once

#include "base/result.hpp"

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace img::tree {
class Tree;
}

namespace img::rootfs {

/// A user, or a group, which has neither home nor gid of its own.
struct Account {
    std::string name;
    std::uint32_t id = 0;
    std::uint32_t gid = 0;
    std::string home;

    bool operator==(const Account&) const = default;
};

/// What adduser takes on Debian, without the trailing "$" of Samba machine accounts.
bool is_account_name(std::string_view name);

/// Lines that are none are left out.
std::vector<Account> parse_accounts(std::string_view text);

Result<std::vector<Account>> users_of(const tree::Tree& tree);
Result<std::vector<Account>> groups_of(const tree::Tree& tree);

const Account* find_account(std::span<const Account> accounts, std::string_view name);
std::vector<std::string> names_of(std::span<const Account> accounts);

}  // namespace img::rootfs
