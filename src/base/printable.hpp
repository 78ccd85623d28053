// Quoting what strangers wrote: files, tools, requests.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace img {

/// Printable ASCII and UTF-8 as they are; control characters and bytes that are no UTF-8 as \xNN,
/// so that no message can move a terminal's cursor.
std::string printable(std::string_view text);

/// The text as UTF-8: a byte that is none becomes U+FFFD, the mark of what could not be read.
std::string as_utf8(std::string_view text);

/// The longest beginning of at most `size` bytes that does not end within a character.
std::string_view utf8_head(std::string_view text, std::size_t size);

/// The last `count` lines, for messages that quote what a tool said.
std::string last_lines(std::string_view text, std::size_t count);

}  // namespace img
