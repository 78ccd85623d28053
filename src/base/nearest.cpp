#include "base/nearest.hpp"

#include <algorithm>
#include <array>
#include <cstddef>
#include <numeric>
#include <vector>

namespace img {
namespace {

constexpr std::size_t kLongestWord = 64;  // bounds the table below
constexpr std::size_t kMistake = 2;       // a letter added, lost or replaced
constexpr std::size_t kSwap = 1;          // the commonest slip of fingers, so the first to think of

/// Damerau's distance in its restricted form, with three rows of the table.
std::size_t distance(std::string_view a, std::string_view b) {
    std::array<std::vector<std::size_t>, 3> rows;
    rows.fill(std::vector<std::size_t>(b.size() + 1));
    for (std::size_t j = 0; j <= b.size(); ++j) {
        rows[0][j] = j * kMistake;
    }
    for (std::size_t i = 1; i <= a.size(); ++i) {
        auto& row = rows[i % 3];
        const auto& above = rows[(i + 2) % 3];
        row[0] = i * kMistake;
        for (std::size_t j = 1; j <= b.size(); ++j) {
            const std::size_t replaced = above[j - 1] + (a[i - 1] == b[j - 1] ? 0 : kMistake);
            row[j] = std::min({row[j - 1] + kMistake, above[j] + kMistake, replaced});
            if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1]) {
                row[j] = std::min(row[j], rows[(i + 1) % 3][j - 2] + kSwap);
            }
        }
    }
    return rows[a.size() % 3][b.size()];
}

}  // namespace

std::string nearest(std::string_view word, std::span<const std::string> candidates) {
    if (word.empty() || word.size() > kLongestWord) {
        return {};
    }
    const std::size_t mistakes = std::max<std::size_t>(2, word.size() / 3);
    std::string best;
    std::size_t least = mistakes * kMistake + 1;
    for (const auto& candidate : candidates) {
        const std::size_t longer = std::max(candidate.size(), word.size());
        if (longer - std::min(candidate.size(), word.size()) > mistakes) {
            continue;
        }
        if (const std::size_t far = distance(word, candidate); far < least) {
            least = far;
            best = candidate;
        }
    }
    return best;
}

}  // namespace img
