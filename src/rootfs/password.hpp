// Turns a kickstart's passwords into what /etc/shadow holds, in this process: a password never
// stands on a command line, where every user of the machine could read it.
#pragma once

#include "base/result.hpp"

#include <string>
#include <string_view>

namespace img::kickstart {
struct Password;
}

namespace img::tree {
class Tree;
}

namespace img::rootfs {

enum class HashMethod { yescrypt, sha512 };

/// yescrypt where the tree's own PAM or login.defs use it (Debian from 11 on, Fedora from 35),
/// SHA-512 elsewhere: an older libcrypt would let nobody in.
HashMethod hash_method(const tree::Tree& tree);

/// crypt(5). The salt is derived from `seed`, which has to differ between images and between the
/// users of one: the same build then gives the same bytes. An empty seed: a random salt.
Result<std::string> hash_password(std::string_view plain, HashMethod method, std::string_view seed);

/// The password field of /etc/shadow; a locked one begins with "!".
/// Fault::invalid: a crypted password that could not stand in that file.
Result<std::string> shadow_field(const kickstart::Password& password,
                                 HashMethod method,
                                 std::string_view seed);

}  // namespace img::rootfs
