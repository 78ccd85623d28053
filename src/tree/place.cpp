#include "tree/place.hpp"

#include "base/nearest.hpp"
#include "base/printable.hpp"

#include <fmt/format.h>

namespace img::tree {

std::string place(std::string_view what, const syntax::Location& where) {
    return where.line == 0 ? printable(what)
                           : fmt::format("{} ({}:{})", printable(what), where.file, where.line);
}

std::unexpected<Error> refuse(std::string_view what,
                              const syntax::Location& where,
                              std::string_view sentence) {
    return fail(Fault::invalid, fmt::format("{}: {}", place(what, where), sentence));
}

std::string in_quotes(std::string_view text) {
    return fmt::format("'{}'", printable(text));
}

std::string did_you_mean(std::string_view word, std::span<const std::string> candidates) {
    const std::string close = nearest(word, candidates);
    return close.empty() ? std::string() : ", did you mean " + close;
}

}  // namespace img::tree
