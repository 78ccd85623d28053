#include "base/text.hpp"

#include <fmt/format.h>

namespace img {
namespace {

constexpr std::string_view kBlanks = " \t\r\n";
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

}  // namespace img
