#include "base/printable.hpp"

#include <cstdint>
#include <fmt/format.h>

namespace img {

namespace {

/// The code point at the beginning of `text` and its length in bytes; length 0: no UTF-8.
struct CodePoint {
    std::uint32_t value = 0;
    std::size_t length = 0;
};

/// As RFC 3629 has it: no longer form than needed, no surrogates, nothing beyond U+10FFFF.
CodePoint first_code_point(std::string_view text) {
    const auto byte = [text](std::size_t at) {
        return static_cast<std::uint32_t>(static_cast<unsigned char>(text[at]));
    };
    const std::uint32_t lead = byte(0);
    const std::size_t length = lead < 0x80 ? 1 : lead < 0xe0 ? 2 : lead < 0xf0 ? 3 : 4;
    if (length == 1) {
        return {lead, 1};
    }
    if (lead < 0xc2 || lead > 0xf4 || text.size() < length) {
        return {};
    }
    std::uint32_t value = lead & (0x7fU >> length);
    for (std::size_t i = 1; i < length; ++i) {
        if ((byte(i) & 0xc0) != 0x80) {
            return {};
        }
        value = value << 6 | (byte(i) & 0x3f);
    }
    const bool overlong = (length == 3 && value < 0x800) || (length == 4 && value < 0x10000);
    const bool surrogate = value >= 0xd800 && value < 0xe000;
    return overlong || surrogate || value > 0x10ffff ? CodePoint{} : CodePoint{value, length};
}

/// C0, DEL, and C1, which terminals obey as well.
bool is_control(std::uint32_t value) {
    return value < 0x20 || (value >= 0x7f && value < 0xa0);
}

}  // namespace

std::string printable(std::string_view text) {
    std::string out;
    while (!text.empty()) {
        const auto [value, length] = first_code_point(text);
        if (length == 0 || is_control(value)) {
            out += fmt::format("\\x{:02x}", static_cast<unsigned char>(text.front()));
            text.remove_prefix(1);
        } else {
            out += text.substr(0, length);
            text.remove_prefix(length);
        }
    }
    return out;
}

std::string as_utf8(std::string_view text) {
    std::string out;
    while (!text.empty()) {
        const auto length = first_code_point(text).length;
        out += length == 0 ? std::string_view("\xef\xbf\xbd") : text.substr(0, length);
        text.remove_prefix(length == 0 ? 1 : length);
    }
    return out;
}

std::string_view utf8_head(std::string_view text, std::size_t size) {
    if (text.size() <= size) {
        return text;
    }
    while (size > 0 && (static_cast<unsigned char>(text[size]) & 0xc0) == 0x80) {
        --size;
    }
    return text.substr(0, size);
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

}  // namespace img
