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

std::u16string utf16(std::string_view text) {
    std::u16string out;
    for (std::size_t i = 0; i < text.size();) {
        const auto lead = static_cast<unsigned char>(text[i++]);
        const int more = lead < 0x80   ? 0
                         : lead < 0xc2 ? -1
                         : lead < 0xe0 ? 1
                         : lead < 0xf0 ? 2
                         : lead < 0xf5 ? 3
                                       : -1;
        char32_t point = more <= 0 ? lead : lead & (0x3fU >> more);
        bool valid = more >= 0;
        for (int n = 0; valid && n < more; ++n) {
            valid = i < text.size() && (static_cast<unsigned char>(text[i]) & 0xc0U) == 0x80U;
            if (valid) {
                point = (point << 6) | (static_cast<unsigned char>(text[i++]) & 0x3fU);
            }
        }
        if (!valid || point > 0x10ffff) {
            point = kReplacement;
        }
        if (point >= 0x10000) {
            point -= 0x10000;
            out += static_cast<char16_t>(0xd800 + (point >> 10));
            point = 0xdc00 + (point & 0x3ff);
        }
        out += static_cast<char16_t>(point);
    }
    return out;
}

}  // namespace img
