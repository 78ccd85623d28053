// Which texts may go into a file of the tree as they are, and how the others are quoted there.
#pragma once

#include <string>
#include <string_view>

namespace img::tree {

/// Letters and digits of ASCII, and the characters of `more`. Nothing else can end a line, a word
/// or a quotation of any file that we write into a tree. An empty text is plain.
bool is_plain(std::string_view text, std::string_view more);

/// No control byte, so that it stays within its line.
bool is_one_line(std::string_view text);

/// For files that shells read: 'it'\''s', or the text itself where it is plain.
std::string shell_quoted(std::string_view text);

}  // namespace img::tree
