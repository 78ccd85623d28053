#include "base/utf16.hpp"

namespace img {
namespace {

constexpr char32_t kReplacement = 0xfffd;

void append(std::string& out, char32_t point) {
    const auto byte = [&out](char32_t value) { out += static_cast<char>(value); };
    const auto tail = [&](int shift) { byte(0x80 | (point >> shift & 0x3f)); };
    if (point < 0x80) {
        byte(point);
    } else if (point < 0x800) {
        byte(0xc0 | point >> 6);
        tail(0);
    } else if (point < 0x10000) {
        byte(0xe0 | point >> 12);
        tail(6);
        tail(0);
    } else {
        byte(0xf0 | point >> 18);
        tail(12);
        tail(6);
        tail(0);
    }
}

bool is_high(char16_t unit) {
    return (unit & 0xfc00) == 0xd800;
}

bool is_low(char16_t unit) {
    return (unit & 0xfc00) == 0xdc00;
}

}  // namespace

std::string utf8(std::u16string_view text) {
    std::string out;
    for (std::size_t at = 0; at < text.size(); ++at) {
        const char32_t unit = text[at];
        if (is_high(text[at]) && at + 1 < text.size() && is_low(text[at + 1])) {
            append(out, 0x10000 + ((unit & 0x3ff) << 10 | (text[++at] & 0x3ff)));
        } else {
            append(out, is_high(text[at]) || is_low(text[at]) ? kReplacement : unit);
        }
    }
    return out;
}

}  // namespace img
