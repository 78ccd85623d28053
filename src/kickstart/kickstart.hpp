// The kickstart language: text in, a Document and every diagnostic out.
//
// Knows the language as users write it: commands, sections, includes; syntax/ has what a line is
// made of. Must never know what a command does to a tree, where packages come from, or what images
// look like.
#pragma once

#include "base/result.hpp"
#include "kickstart/document.hpp"
#include "kickstart/parse_options.hpp"
#include "syntax/diagnostic.hpp"

#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace img::kickstart {

struct Parsed {
    Document document;  ///< What was understood, even where there were errors.
    /// In the order of the text; errors do not stop reading.
    std::vector<syntax::Diagnostic> diagnostics;
    /// The text with what it includes in place, tokens as they were. Empty: it includes nothing.
    std::string text;

    /// It is no kickstart.
    bool has_errors() const;
    /// It is one, or is none; either way no image can be built of it.
    bool is_refused() const;
};

/// Never fails as a whole and never takes more than linear time: any bytes give diagnostics.
/// A text over 16 MiB, or with a NUL byte, is refused by one diagnostic.
Parsed parse(std::string_view text, const ParseOptions& options);

/// The text with these tokens replaced, and others as they are; for whoever hands it on. Fault::
/// invalid: it would become larger than a kickstart may be.
Result<std::string> replace_tokens(std::string_view text,
                                   const std::map<std::string, std::string>& tokens);

/// A kickstart that parses to the same Document.
std::string print(const Document& document);

}  // namespace img::kickstart
