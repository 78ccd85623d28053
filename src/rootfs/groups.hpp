// The groups that a kickstart asks for, by themselves or for a user.
#pragma once

#include "base/result.hpp"
#include "kickstart/document.hpp"
#include "rootfs/accounts.hpp"
#include "system/command.hpp"

#include <optional>
#include <string>
#include <vector>

namespace img::tree {
class Tree;
}

namespace img::rootfs {

/// A group of a user line: "sudo", or "builders(900)", which is made where it is not there.
struct GroupName {
    std::string name;
    std::optional<std::uint32_t> gid;
};
Result<GroupName> parse_group(const std::string& text);

/// Makes the groups that are not there. One that is there stays as it is, its members too.
/// Fault::invalid: it has another id, or its id is another one's.
Result<void> set_groups(system::CommandRunner& runner,
                        const tree::Tree& tree,
                        const std::vector<kickstart::Group>& groups);

/// The groups of a user line, each there or made by its id; and the primary one, where its id is
/// given. Fault::invalid: there is none of that name, with the nearest.
Result<void> make_groups_of(system::CommandRunner& runner,
                            const tree::Tree& tree,
                            const kickstart::User& user);

}  // namespace img::rootfs
