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

/// The candidate that `word` was most likely meant to be (two letters wrong, or a third), or "".
std::string nearest(std::string_view word, std::span<const std::string> candidates);

/// The last `count` lines, for messages that quote what a tool said.
std::string last_lines(std::string_view text, std::size_t count);

/// Printable ASCII and UTF-8 as they are; control bytes as \xNN, so that no message can
/// move a terminal's cursor.
std::string printable(std::string_view text);

}  // namespace img
