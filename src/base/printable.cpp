#include "base/printable.hpp"

#include <fmt/format.h>

namespace img {

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
