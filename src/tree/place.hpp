// Words that messages about a tree share: "user anna (demo.ks:9)", ", did you mean sudo".
#pragma once

#include "base/result.hpp"
#include "syntax/syntax.hpp"

#include <fmt/format.h>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace img::tree {

/// A kickstart command and its line. Control bytes are shown, never sent.
std::string place(std::string_view what, const syntax::Location& where);

/// Fault::invalid, "what (demo.ks:9): sentence".
std::unexpected<Error> refuse(std::string_view what,
                              const syntax::Location& where,
                              std::string_view sentence);

/// What a stranger wrote, between quotes.
std::string in_quotes(std::string_view text);

/// ", did you mean NAME", or nothing where none is close.
std::string did_you_mean(std::string_view word, std::span<const std::string> candidates);

/// The failure of a step, told as that of the command `who`.
template <typename T>
Result<T> told_by(const std::string& who, Result<T> result) {
    if (!result && !result.error().message.starts_with(who)) {
        result.error().message = who + ": " + result.error().message;
    }
    return result;
}

}  // namespace img::tree
