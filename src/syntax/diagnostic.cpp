#include "syntax/diagnostic.hpp"

#include <fmt/format.h>

namespace img::syntax {

std::string_view to_text(Severity severity) {
    switch (severity) {
        case Severity::note: return "note";
        case Severity::warning: return "warning";
        case Severity::refused: return "refused";
        case Severity::error: return "error";
    }
    return "error";
}

std::string to_text(const Diagnostic& diagnostic) {
    const Location& where = diagnostic.where;
    std::string place = where.file;
    if (where.line != 0) {
        place += fmt::format(":{}", where.line);
        if (where.column != 0) {
            place += fmt::format(":{}", where.column);
        }
    }
    return fmt::format("{}: {}: {}", place, to_text(diagnostic.severity), diagnostic.text);
}

}  // namespace img::syntax
