// What the targets share: giving up with a reason, and sentences that a terminal may show.
#pragma once

#include "syntax/quote.hpp"

#include <cstdio>
#include <cstdlib>
#include <string>
#include <string_view>

namespace img::fuzz {

[[noreturn]] inline void give_up(std::string_view why, const std::string& text) {
    std::fprintf(stderr, "%.*s:\n%s\n", static_cast<int>(why.size()), why.data(), text.c_str());
    std::abort();
}

/// Plain UTF-8 without control characters, whatever bytes it speaks of.
inline void check_sentence(const std::string& text) {
    for (std::size_t at = 0; at < text.size();) {
        const auto length = syntax::utf8_length(std::string_view(text).substr(at));
        if (length == 0 || syntax::has_control_characters(text.substr(at, length))) {
            give_up("a sentence that no terminal should show", text);
        }
        at += length;
    }
}

}  // namespace img::fuzz
