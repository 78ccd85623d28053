#include "web/log_text.hpp"

#include "system/fd.hpp"

#include <algorithm>
#include <fcntl.h>
#include <sys/stat.h>

namespace img::web {

namespace {

constexpr char kEscape = '\x1b';
constexpr std::string_view kReplacement = "\xef\xbf\xbd";

bool is_between(char c, unsigned char first, unsigned char last) {
    const auto byte = static_cast<unsigned char>(c);
    return byte >= first && byte <= last;
}

/// The length of the escape sequence at the text's beginning.
std::size_t escape_length(std::string_view text) {
    if (text.size() < 2) {
        return text.size();
    }
    std::size_t i = 2;
    switch (text[1]) {
        case '[':  // CSI: parameters, intermediates, one final byte
            while (i < text.size() && is_between(text[i], 0x20, 0x3f)) {
                ++i;
            }
            return i < text.size() && is_between(text[i], 0x40, 0x7e) ? i + 1 : i;
        case ']':
        case 'P':
        case 'X':
        case '^':
        case '_':  // OSC, DCS, SOS, PM, APC: a string up to BEL or ESC backslash, or the line's end
            while (i < text.size() && text[i] != '\a' && text[i] != kEscape && text[i] != '\n') {
                ++i;
            }
            if (i + 1 < text.size() && text[i] == kEscape && text[i + 1] == '\\') {
                return i + 2;
            }
            return i < text.size() && text[i] == '\a' ? i + 1 : i;
        default:  // intermediates, then one final byte
            i = 1;
            while (i < text.size() && is_between(text[i], 0x20, 0x2f)) {
                ++i;
            }
            return i < text.size() && is_between(text[i], 0x30, 0x7e) ? i + 1 : i;
    }
}

/// The length of the UTF-8 character at the text's beginning; 0 if there is none.
std::size_t utf8_length(std::string_view text) {
    const auto lead = static_cast<unsigned char>(text[0]);
    const std::size_t length = lead < 0x80   ? 1
                               : lead < 0xc2 ? 0
                               : lead < 0xe0 ? 2
                               : lead < 0xf0 ? 3
                               : lead < 0xf5 ? 4
                                             : 0;
    if (length == 0 || length > text.size()) {
        return 0;
    }
    for (std::size_t i = 1; i < length; ++i) {
        if (!is_between(text[i], 0x80, 0xbf)) {
            return 0;
        }
    }
    // Overlong forms, surrogates, beyond U+10FFFF, and the C1 controls, which terminals obey too.
    const auto second = length > 1 ? static_cast<unsigned char>(text[1]) : 0;
    const bool is_bad = (lead == 0xe0 && second < 0xa0) || (lead == 0xed && second > 0x9f) ||
                        (lead == 0xf0 && second < 0x90) || (lead == 0xf4 && second > 0x8f) ||
                        (lead == 0xc2 && second < 0xa0);
    return is_bad ? 0 : length;
}

std::string read_at(const system::Fd& file, std::uint64_t offset, std::size_t limit) {
    std::string text(limit, '\0');
    std::size_t filled = 0;
    while (filled < limit) {
        const auto count = ::pread(file.get(), text.data() + filled, limit - filled,
                                   static_cast<off_t>(offset + filled));
        if (count <= 0) {
            break;
        }
        filled += static_cast<std::size_t>(count);
    }
    text.resize(filled);
    return text;
}

system::Fd open_log(const std::filesystem::path& file) {
    return system::Fd(::open(file.c_str(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW));
}

}  // namespace

std::string plain_log(std::string_view text) {
    std::string plain;
    plain.reserve(text.size());
    std::size_t line = 0;  // where the current line begins in `plain`
    while (!text.empty()) {
        std::size_t length = 1;
        const char c = text[0];
        if (c == kEscape) {
            length = escape_length(text);
        } else if (c == '\n' || c == '\t') {
            plain.push_back(c);
            line = c == '\n' ? plain.size() : line;
        } else if (c == '\r') {
            const bool is_overwritten = text.size() > 1 && text[1] != '\n' && text[1] != '\r';
            plain.resize(is_overwritten ? line : plain.size());
        } else if (!is_between(c, 0, 0x1f) && c != 0x7f) {
            length = utf8_length(text);
            plain += length == 0 ? kReplacement : text.substr(0, length);
            length = std::max<std::size_t>(length, 1);
        }
        text.remove_prefix(length);
    }
    return plain;
}

LogPiece read_log(const std::filesystem::path& file,
                  std::uint64_t offset,
                  std::size_t limit,
                  bool is_over) {
    LogPiece piece{.begin = offset, .end = offset, .text = {}};
    const auto log = open_log(file);
    if (!log) {
        return piece;
    }
    piece.text = read_at(log, offset, limit);
    const bool is_full = piece.text.size() == limit;
    const auto last = piece.text.rfind('\n');
    if (last != std::string::npos && (is_full || !is_over)) {
        piece.text.resize(last + 1);
    } else if (last == std::string::npos && !is_full && !is_over) {
        piece.text.clear();
    }
    piece.end = offset + piece.text.size();
    return piece;
}

LogPiece read_log_end(const std::filesystem::path& file, std::size_t limit, bool is_over) {
    const auto log = open_log(file);
    struct stat facts{};
    if (!log || ::fstat(log.get(), &facts) != 0) {
        return {};
    }
    const auto size = static_cast<std::uint64_t>(facts.st_size);
    auto offset = size > limit ? size - limit : 0;
    if (offset > 0) {
        const auto head = read_at(log, offset, std::min<std::size_t>(limit, 64UL * 1024));
        offset += std::min(head.find('\n'), head.size() - 1) + 1;
    }
    return read_log(file, offset, limit, is_over);
}

}  // namespace img::web
