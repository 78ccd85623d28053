// Names that become part of a path: of scripts, of partition files, of kickstarts and templates.
#pragma once

#include <string_view>

namespace img::kickstarter {

/// One component of a path that nobody can mistake: no "/", no ".", "-" or blank first, no control
/// characters, UTF-8, at most 100 bytes.
bool is_safe_name(std::string_view name);

}  // namespace img::kickstarter
