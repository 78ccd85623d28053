#include "syntax/reporter.hpp"

#include "base/nearest.hpp"

#include <algorithm>
#include <iterator>
#include <limits>
#include <tuple>

namespace img::syntax {
namespace {

auto place_of(const Diagnostic& diagnostic) {
    const Location& where = diagnostic.where;
    const unsigned line = where.line == 0 ? std::numeric_limits<unsigned>::max() : where.line;
    return std::tuple(line, where.column);
}

}  // namespace

bool Reporter::wants(Severity severity) const {
    return kept_[index(severity)].size() < kDiagnosticsMax;
}

void Reporter::take_over(Reporter& other) {
    for (auto& kept : other.kept_) {
        for (auto& diagnostic : kept) {
            ++counts_[index(diagnostic.severity)];
            if (wants(diagnostic.severity)) {
                keep(diagnostic.severity, diagnostic.where, std::move(diagnostic.text));
            }
        }
        kept.clear();
    }
}

bool Reporter::has_said(Severity severity) const {
    return std::any_of(counts_.begin() + static_cast<std::ptrdiff_t>(index(severity)),
                       counts_.end(), [](std::size_t count) { return count != 0; });
}

void Reporter::keep(Severity severity, const Location& where, std::string text) {
    kept_[index(severity)].push_back(
        {.severity = severity, .where = where, .text = std::move(text) + suffix_});
}

std::string Reporter::meant(std::string_view word, std::span<const std::string> candidates) const {
    if (!wants(Severity::error)) {
        return {};
    }
    const auto best = nearest(word, candidates);
    return best.empty() ? best : fmt::format("; did you mean {}?", best);
}

std::vector<Diagnostic> Reporter::take() {
    std::vector<Diagnostic> shown;
    std::size_t left_out = 0;
    auto worst_left_out = Severity::note;
    for (const auto severity :
         {Severity::error, Severity::refused, Severity::warning, Severity::note}) {
        auto& kept = kept_[index(severity)];
        const std::size_t taken = std::min(kept.size(), kDiagnosticsMax - shown.size());
        std::move(kept.begin(), kept.begin() + static_cast<std::ptrdiff_t>(taken),
                  std::back_inserter(shown));
        if (const std::size_t rest = counts_[index(severity)] - taken; rest != 0) {
            worst_left_out = left_out == 0 ? severity : worst_left_out;
            left_out += rest;
        }
    }
    std::ranges::stable_sort(shown, {}, place_of);
    if (left_out != 0) {
        const Location nowhere{.file = shown.front().where.file};
        shown.push_back({.severity = worst_left_out,
                         .where = nowhere,
                         .text = fmt::format("{} more are not shown", left_out)});
    }
    return shown;
}

}  // namespace img::syntax
