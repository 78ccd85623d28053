#include "kickstart/diagnostic.hpp"

#include <fmt/format.h>
#include <string_view>

namespace img::kickstart {
namespace {

std::string_view name_of(Severity severity) {
    switch (severity) {
        case Severity::note: return "note";
        case Severity::warning: return "warning";
        case Severity::error: return "error";
    }
    return "error";
}

}  // namespace

std::string to_text(const Diagnostic& diagnostic) {
    const Location& where = diagnostic.where;
    std::string place = where.file;
    if (where.line != 0) {
        place += fmt::format(":{}", where.line);
        if (where.column != 0) {
            place += fmt::format(":{}", where.column);
        }
    }
    return fmt::format("{}: {}: {}", place, name_of(diagnostic.severity), diagnostic.text);
}

}  // namespace img::kickstart
