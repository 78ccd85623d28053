// What the reader of a kickstart file is told: where, how bad, and what.
#pragma once

#include "kickstart/document.hpp"

#include <string>

namespace img::kickstart {

enum class Severity { note, warning, error };

struct Diagnostic {
    Severity severity = Severity::error;
    Location where;
    std::string text;  ///< Lower case, no full stop, with the way out: "part / needs --size".
};

/// "root.ks:12:6: error: part / needs --size"
std::string to_text(const Diagnostic& diagnostic);

}  // namespace img::kickstart
