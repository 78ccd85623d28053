// Who may log in over ssh: the authorized_keys of users, and root with its password.
#pragma once

#include "base/result.hpp"
#include "kickstart/document.hpp"
#include "system/process_runner.hpp"

#include <vector>

namespace img::tree {
class Tree;
}

namespace img::rootfs {

/// A line each in the user's ~/.ssh/authorized_keys (0600, in a folder 0700, both the user's own);
/// a key that is there already is not added again. Fault::invalid: no such user, with the nearest
/// name, or one without a home in the image.
Result<void> set_ssh_keys(const tree::Tree& tree, const std::vector<kickstart::SshKey>& keys);

/// rootpw --allow-ssh: PermitRootLogin in a drop-in of sshd, or in sshd_config itself where that
/// reads no drop-ins. The log tells where the image has no sshd.
Result<void> allow_root_login(const tree::Tree& tree,
                              const kickstart::RootPassword& root,
                              const system::LineSink& log);

}  // namespace img::rootfs
