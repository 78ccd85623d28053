// POSIX access control lists, from the kernel's bytes to the text that archives carry.
#pragma once

#include "base/result.hpp"

#include <string>
#include <string_view>

namespace img::archive {

/// The value of system.posix_acl_access or _default (linux/posix_acl_xattr.h: version 2, then a
/// tag, permissions and an id for each entry) as "user::rw-,user:1000:r--,mask::r--". Ids stay
/// numbers. Fault::broken: it is no such list.
Result<std::string> access_list_text(std::string_view value);

}  // namespace img::archive
