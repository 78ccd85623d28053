// Changes one setting of a file that others wrote, and leaves their lines and comments alone.
#pragma once

#include <string>
#include <string_view>

namespace img::tree {

/// KEY=value files, as /etc/sysconfig and /etc/selinux/config are: the line that sets `key` gets
/// `value`, further ones go; without one it is added at the end. `value` is written as it is.
std::string with_assignment(std::string_view old, std::string_view key, std::string_view value);

/// Files of "[section]"s, as display managers have them.
std::string with_ini_setting(std::string_view old,
                             std::string_view section,
                             std::string_view key,
                             std::string_view value);

}  // namespace img::tree
