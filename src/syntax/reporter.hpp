// Collects diagnostics: all errors of a text at once, and yet never more than a person reads.
#pragma once

#include "syntax/diagnostic.hpp"

#include <array>
#include <cstddef>
#include <fmt/format.h>
#include <span>
#include <string_view>
#include <vector>

namespace img::syntax {

/// Shown to the reader; one more says how many were left out.
constexpr std::size_t kDiagnosticsMax = 100;

/// Errors are kept before refusals, then warnings, then notes: a hundred notes cannot hide an
/// error.
class Reporter {
public:
    /// Against the language.
    template <typename... Values>
    void error(const Location& where, fmt::format_string<Values...> form, Values&&... values) {
        add(Severity::error, where, form, std::forward<Values>(values)...);
    }
    /// Good kickstart, but no image can be built of it as it is.
    template <typename... Values>
    void refuse(const Location& where, fmt::format_string<Values...> form, Values&&... values) {
        add(Severity::refused, where, form, std::forward<Values>(values)...);
    }
    template <typename... Values>
    void warning(const Location& where, fmt::format_string<Values...> form, Values&&... values) {
        add(Severity::warning, where, form, std::forward<Values>(values)...);
    }
    template <typename... Values>
    void note(const Location& where, fmt::format_string<Values...> form, Values&&... values) {
        add(Severity::note, where, form, std::forward<Values>(values)...);
    }

    /// Stands behind every text from now on: " (included in demo.ks:3)". Empty: nothing does.
    void set_suffix(std::string suffix) { suffix_ = std::move(suffix); }

    /// False once as many are kept as are ever shown: the work of writing more can be saved. That
    /// is what keeps a million wrong lines linear.
    bool wants(Severity severity) const;

    /// Says what another one has kept, with this one's suffix.
    void take_over(Reporter& other);

    /// Whether one as bad as this was said, or a worse one.
    bool has_said(Severity severity) const;

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

    std::array<std::vector<Diagnostic>, 4> kept_;  // by severity
    std::array<std::size_t, 4> counts_{};          // of all that were said
    std::string suffix_;
};

}  // namespace img::syntax
