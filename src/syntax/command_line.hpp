// One line of a kickstart as words, each with its place.
#pragma once

#include "syntax/lexer.hpp"
#include "syntax/syntax.hpp"

#include <string>
#include <vector>

namespace img::syntax {

struct CommandLine {
    std::string file;
    unsigned number = 0;
    std::vector<Word> words;  ///< The first one is the command. Never empty.

    Location where() const { return where(words.front()); }
    /// The place of a word, or of one of its bytes.
    Location where(const Word& word, std::size_t byte) const {
        return {.file = file, .line = number, .column = word.column_of(byte)};
    }
    Location where(const Word& word) const {
        return {.file = file, .line = number, .column = word.column};
    }
};

}  // namespace img::syntax
