// Short kickstart texts in tests: parse them, and read what was said of their lines.
#pragma once

#include "kickstart/kickstart.hpp"

#include <string>
#include <string_view>
#include <vector>

namespace img::kickstart {

inline Parsed parse_text(std::string_view text, std::map<std::string, std::string> tokens = {}) {
    return parse(text, {.file = "t.ks", .tokens = std::move(tokens)});
}

/// Diagnostics of lines, without those of the whole file: a text of one line lacks a root.
inline std::vector<std::string> said(std::string_view text,
                                     std::map<std::string, std::string> tokens = {}) {
    std::vector<std::string> out;
    for (const auto& diagnostic : parse_text(text, std::move(tokens)).diagnostics) {
        if (diagnostic.where.line != 0) {
            out.push_back(to_text(diagnostic));
        }
    }
    return out;
}

using Said = std::vector<std::string>;

}  // namespace img::kickstart
