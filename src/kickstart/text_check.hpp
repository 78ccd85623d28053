// Whether bytes can be a kickstart at all.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace img::kickstart {

/// Why they cannot: too large, or no text. A text may be empty.
std::optional<std::string> why_unreadable(std::string_view text);

}  // namespace img::kickstart
