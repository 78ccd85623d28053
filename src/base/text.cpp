#include "base/text.hpp"

#include <algorithm>
#include <fmt/format.h>
#include <numeric>

namespace img {
namespace {

constexpr std::string_view kBlanks = " \t\r\n";
constexpr std::size_t kLongestWord = 64;  // bounds the table below

/// Levenshtein's distance, with one row of the table. A swap of two letters counts as two.
std::size_t distance(std::string_view a, std::string_view b) {
    std::vector<std::size_t> row(b.size() + 1);
    std::iota(row.begin(), row.end(), std::size_t{0});
    for (std::size_t i = 0; i < a.size(); ++i) {
        std::size_t diagonal = row[0];
        row[0] = i + 1;
        for (std::size_t j = 0; j < b.size(); ++j) {
            const std::size_t replaced = diagonal + (a[i] == b[j] ? 0 : 1);
            diagonal = row[j + 1];
            row[j + 1] = std::min({row[j] + 1, row[j + 1] + 1, replaced});
        }
    }
    return row.back();
}

}  // namespace

std::string_view trim(std::string_view text) {
    const auto first = text.find_first_not_of(kBlanks);
    if (first == std::string_view::npos) {
        return {};
    }
    return text.substr(first, text.find_last_not_of(kBlanks) - first + 1);
}

std::vector<std::string> split(std::string_view text, std::string_view separators) {
    std::vector<std::string> pieces;
    while (!text.empty()) {
        const auto end = text.find_first_of(separators);
        if (const auto piece = text.substr(0, end); !piece.empty()) {
            pieces.emplace_back(piece);
        }
        text = end == std::string_view::npos ? std::string_view() : text.substr(end + 1);
    }
    return pieces;
}

std::string join(std::span<const std::string> pieces, std::string_view separator) {
    return fmt::format("{}", fmt::join(pieces, separator));
}

std::string nearest(std::string_view word, std::span<const std::string> candidates) {
    if (word.empty() || word.size() > kLongestWord) {
        return {};
    }
    std::string best;
    std::size_t least = std::max<std::size_t>(2, word.size() / 3) + 1;
    for (const auto& candidate : candidates) {
        const std::size_t longer = std::max(candidate.size(), word.size());
        if (longer - std::min(candidate.size(), word.size()) >= least) {
            continue;
        }
        if (const std::size_t far = distance(word, candidate); far < least) {
            least = far;
            best = candidate;
        }
    }
    return best;
}

std::string last_lines(std::string_view text, std::size_t count) {
    while (text.ends_with('\n')) {
        text.remove_suffix(1);
    }
    std::size_t start = text.size();
    for (std::size_t i = 0; i < count && start != std::string_view::npos; ++i) {
        start = start == 0 ? std::string_view::npos : text.rfind('\n', start - 1);
    }
    return std::string(start == std::string_view::npos ? text : text.substr(start + 1));
}

std::string printable(std::string_view text) {
    std::string out;
    for (const char c : text) {
        const auto byte = static_cast<unsigned char>(c);
        if (byte < 0x20 || byte == 0x7f) {
            out += fmt::format("\\x{:02x}", byte);
        } else {
            out += c;
        }
    }
    return out;
}

}  // namespace img
