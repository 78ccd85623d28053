// Collects diagnostics: all errors of a text at once, and yet never more than a person reads.
#pragma once

#include "kickstart/diagnostic.hpp"

#include <array>
#include <fmt/format.h>
#include <span>
#include <string_view>
#include <vector>

namespace img::kickstart {

/// Errors are kept before warnings, warnings before notes: a hundred notes cannot hide an error.
class Reporter {
public:
    template <typename... Values>
    void error(const Location& where, fmt::format_string<Values...> form, Values&&... values) {
        add(Severity::error, where, form, std::forward<Values>(values)...);
    }
    template <typename... Values>
    void warning(const Location& where, fmt::format_string<Values...> form, Values&&... values) {
        add(Severity::warning, where, form, std::forward<Values>(values)...);
    }
    template <typename... Values>
    void note(const Location& where, fmt::format_string<Values...> form, Values&&... values) {
        add(Severity::note, where, form, std::forward<Values>(values)...);
    }

    /// False once as many are kept as are ever shown: the work of writing more can be saved. That
    /// is what keeps a million wrong lines linear.
    bool wants(Severity severity) const;

    /// "; did you mean part?", or nothing where no candidate is near or the sentence is not wanted.
    std::string meant(std::string_view word, std::span<const std::string> candidates) const;

    /// In the order of the text, those of no line last; then, where some were left out, one that
    /// says how many. Call it once, last.
    std::vector<Diagnostic> take();

private:
    template <typename... Values>
    void add(Severity severity,
             const Location& where,
             fmt::format_string<Values...> form,
             Values&&... values) {
        ++counts_[index(severity)];
        if (wants(severity)) {
            keep(severity, where, fmt::format(form, std::forward<Values>(values)...));
        }
    }
    static std::size_t index(Severity severity) { return static_cast<std::size_t>(severity); }
    void keep(Severity severity, const Location& where, std::string text);

    std::array<std::vector<Diagnostic>, 3> kept_;  // by severity
    std::array<std::size_t, 3> counts_{};          // of all that were said
};

}  // namespace img::kickstart
