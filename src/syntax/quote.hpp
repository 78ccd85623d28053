// Words of a user's text: as they look in a message, and as the language reads them back.
#pragma once

#include <string>
#include <string_view>

namespace img::syntax {

/// 'word', for messages: control bytes and broken UTF-8 as \xNN, shortened after 60 bytes. Always
/// valid UTF-8, because messages travel as JSON.
std::string in_quotes(std::string_view word);

/// The word in the form that the lexer reads as the same one word. Control characters cannot be
/// said in the language, so `word` has none.
std::string as_word(std::string_view word);

/// Bytes of the UTF-8 character that `text` begins with, 0 where it begins with none. Overlong
/// forms and surrogates are none (RFC 3629).
std::size_t utf8_length(std::string_view text);

bool has_control_characters(std::string_view text);

}  // namespace img::syntax
