// A password for GRUB's menu, as grub.cfg holds it.
#pragma once

#include "base/result.hpp"

#include <string>
#include <string_view>

namespace img::boot {

/// As grub-mkpasswd-pbkdf2 makes it. The salt is derived from `seed`, which has to differ between
/// images: the same build then gives the same bytes.
Result<std::string> grub_password_hash(std::string_view password, std::string_view seed);

}  // namespace img::boot
