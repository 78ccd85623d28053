// The kickstart language: text in, a Document and every diagnostic out.
//
// Knows the language as users write it: commands, sections, quoting, tokens. Must never know what
// a command does to a tree, where packages come from, or what images look like.
#pragma once

#include "kickstart/diagnostic.hpp"
#include "kickstart/document.hpp"

#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace img::kickstart {

struct ParseOptions {
    std::string file = "kickstart";             ///< For diagnostics.
    std::map<std::string, std::string> tokens;  ///< "@KEY@" in the text becomes the value.
};

struct Parsed {
    Document document;                    ///< What was understood, even where there were errors.
    std::vector<Diagnostic> diagnostics;  ///< In the order of the text; errors do not stop reading.

    bool has_errors() const;
};

/// Never fails as a whole and never takes more than linear time: any bytes give diagnostics.
/// A text over 16 MiB, or with a NUL byte, is refused by one diagnostic.
Parsed parse(std::string_view text, const ParseOptions& options);

/// A kickstart that parses to the same Document.
std::string print(const Document& document);

}  // namespace img::kickstart
