// Splits a line into words as POSIX shells quote them; knows where each byte was written.
#pragma once

#include "base/result.hpp"
#include "syntax/tokens.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace img::syntax {

struct Word {
    std::string text;          ///< Without its quotes and escapes.
    std::uint32_t column = 0;  ///< Of its first byte as written, a quote included.
    /// For each byte its column. Empty: byte i stands in `column` + i.
    std::vector<std::uint32_t> columns;

    std::uint32_t column_of(std::size_t index) const;
};

struct LexedLine {
    std::vector<Word> words;
    /// A "#" that ends a word begins a comment, as in Python's shlex; whoever wrote a#b meant
    /// something else.
    std::optional<std::uint32_t> comment_inside_word;
};

struct LexError {
    std::uint32_t column = 0;
    std::string text;
};

/// The rules of Python's shlex.split(line, comments=True), which is what reads kickstarts
/// elsewhere: 'all but quotes', "with \" and \\ as escapes", \x for any x outside quotes, # to the
/// end of the line. Refused beyond that: control characters, and bytes that are no UTF-8.
std::expected<LexedLine, LexError> lex(const ExpandedLine& line);

}  // namespace img::syntax
