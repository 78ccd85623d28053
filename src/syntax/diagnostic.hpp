// What the reader of a kickstart file is told: where, how bad, and what.
#pragma once

#include "syntax/syntax.hpp"

#include <string>
#include <string_view>

namespace img::syntax {

/// An error is what the language itself forbids. What it allows and IMG cannot or will not build is
/// refused: the file is right, and a build of it ends before it begins.
enum class Severity { note, warning, refused, error };

/// "note", "warning", "refused", "error"
std::string_view to_text(Severity severity);

struct Diagnostic {
    Severity severity = Severity::error;
    Location where;
    std::string text;  ///< Lower case, no full stop, with the way out: "part / needs --size".
};

/// "root.ks:12:6: error: part / needs --size"
std::string to_text(const Diagnostic& diagnostic);

}  // namespace img::syntax
