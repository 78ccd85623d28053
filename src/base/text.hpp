// Small questions about text that the standard library does not answer.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace img {

/// Without the blanks, tabs and line ends at either end.
std::string_view trim(std::string_view text);

/// The pieces between separators, empty ones left out: "a,,b" gives a and b.
std::vector<std::string> split(std::string_view text, std::string_view separators);

std::string join(std::span<const std::string> pieces, std::string_view separator);

}  // namespace img
