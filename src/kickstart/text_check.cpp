#include "kickstart/text_check.hpp"

#include "kickstart/bounds.hpp"

#include <algorithm>
#include <fmt/format.h>

namespace img::kickstart {
namespace {

/// Text has next to no control bytes; one in ten of a file's first 64 KiB means it is something
/// else, such as an image that was picked by mistake.
bool looks_binary(std::string_view text) {
    const auto head = text.substr(0, std::size_t{64} << 10);
    const auto controls = std::ranges::count_if(head, [](char c) {
        const auto byte = static_cast<unsigned char>(c);
        return byte < 0x20 && c != '\n' && c != '\r' && c != '\t' && c != '\f';
    });
    return static_cast<std::size_t>(controls) > head.size() / 10;
}

}  // namespace

std::optional<std::string> why_unreadable(std::string_view text) {
    if (text.size() > kTextBytesMax) {
        return fmt::format("the file has {} bytes; a kickstart has at most {} MiB", text.size(),
                           kTextBytesMax >> 20);
    }
    if (text.contains('\0') || looks_binary(text)) {
        return "the file is binary; a kickstart is text";
    }
    return std::nullopt;
}

}  // namespace img::kickstart
