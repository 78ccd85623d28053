#include "syntax/quote.hpp"

#include <algorithm>
#include <fmt/format.h>

namespace img::syntax {
namespace {

constexpr std::size_t kShownBytes = 60;
constexpr std::string_view kNeverQuoted =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789%+,-./:=@^_~";

std::uint8_t byte_at(std::string_view text, std::size_t index) {
    return static_cast<std::uint8_t>(text[index]);
}

bool is_control(char c) {
    const auto byte = static_cast<std::uint8_t>(c);
    return byte < 0x20 || byte == 0x7f;
}

}  // namespace

std::size_t utf8_length(std::string_view text) {
    if (text.empty()) {
        return 0;
    }
    const std::uint8_t first = byte_at(text, 0);
    if (first < 0x80) {
        return 1;
    }
    const std::size_t length = first >= 0xf0 ? 4 : first >= 0xe0 ? 3 : 2;
    if (first < 0xc2 || first > 0xf4 || text.size() < length) {
        return 0;
    }
    for (std::size_t i = 1; i < length; ++i) {
        if ((byte_at(text, i) & 0xc0) != 0x80) {
            return 0;
        }
    }
    const std::uint8_t second = byte_at(text, 1);
    const bool overlong = (first == 0xe0 && second < 0xa0) || (first == 0xf0 && second < 0x90);
    const bool surrogate = first == 0xed && second >= 0xa0;
    const bool beyond = first == 0xf4 && second >= 0x90;
    return overlong || surrogate || beyond ? 0 : length;
}

bool has_control_characters(std::string_view text) {
    return std::ranges::any_of(text, is_control);
}

std::string in_quotes(std::string_view word) {
    std::string out = "'";
    std::size_t at = 0;
    while (at < word.size() && at < kShownBytes) {
        const std::size_t length = is_control(word[at]) ? 0 : utf8_length(word.substr(at));
        if (length == 0) {
            out += fmt::format("\\x{:02x}", byte_at(word, at));
            ++at;
        } else {
            out += word.substr(at, length);
            at += length;
        }
    }
    return out + (at < word.size() ? "…'" : "'");
}

std::string as_word(std::string_view word) {
    if (!word.empty() && word.find_first_not_of(kNeverQuoted) == std::string_view::npos) {
        return std::string(word);
    }
    if (!word.contains('\'')) {
        return fmt::format("'{}'", word);
    }
    std::string out = "\"";
    for (const char c : word) {
        if (c == '"' || c == '\\') {
            out += '\\';
        }
        out += c;
    }
    return out + '"';
}

}  // namespace img::syntax
