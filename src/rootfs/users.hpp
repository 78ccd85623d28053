// Root's password, and the users that a kickstart asks for.
#pragma once

#include "base/result.hpp"
#include "kickstart/document.hpp"
#include "rootfs/password.hpp"
#include "system/command.hpp"

#include <cstdint>
#include <string>
#include <vector>

namespace img::tree {
class Tree;
}

namespace img::rootfs {

/// What the commands below need to know of the tree and the build.
struct UserSettings {
    HashMethod method = HashMethod::yescrypt;
    std::string seed;        ///< See hash_password().
    std::int64_t epoch = 0;  ///< SOURCE_DATE_EPOCH: the "last change" of /etc/shadow.
};

/// useradd, or usermod for a user whom a package has made. Pure.
system::Command user_command(const tree::Tree& tree, const kickstart::User& user, bool is_there);

/// Fault::invalid, with the line and the way out: a name that is none, a group or a shell that
/// the image has not, an id that is taken.
Result<void> set_users(system::CommandRunner& runner,
                       const tree::Tree& tree,
                       const kickstart::Document& document,
                       const UserSettings& settings);

}  // namespace img::rootfs
