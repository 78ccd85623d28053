// How a kickstart is spelled: tokens, quotes, words, options, names; and what is said of a wrong
// one.
//
// Knows one line at a time and the form of what may stand in it, in both directions. Must never
// know which commands and sections there are, nor the Document that comes of them.
#pragma once

#include <string>

namespace img::syntax {

/// A place in the text, for diagnostics. Lines and columns count from 1; 0: from no line.
struct Location {
    std::string file;
    unsigned line = 0;
    unsigned column = 0;

    bool operator==(const Location&) const = default;
};

}  // namespace img::syntax
