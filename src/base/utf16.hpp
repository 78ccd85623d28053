// Names in UTF-16, as GPT and FAT keep them.
#pragma once

#include <string>
#include <string_view>

namespace img {

/// As UTF-8; half a surrogate pair becomes U+FFFD.
std::string utf8(std::u16string_view text);

/// Of UTF-8. A name is text for people: a byte that is no UTF-8 becomes U+FFFD.
std::u16string utf16(std::string_view text);

}  // namespace img
