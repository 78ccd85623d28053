// "@KEY@" in a line becomes its value, and every byte still knows the column it came from.
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace img::syntax {

/// A line after its tokens were replaced.
struct ExpandedLine {
    std::string text;
    /// For each byte of `text` its column in the line as written, from 1; the bytes of a value have
    /// that of the token's "@". Empty: nothing was replaced, byte i stands in column i + 1.
    std::vector<std::uint32_t> columns;
    bool too_long = false;  ///< It would have passed the bound, and was cut there.

    std::uint32_t column(std::size_t index) const {
        return columns.empty()          ? static_cast<std::uint32_t>(index + 1)
               : index < columns.size() ? columns[index]
                                        : columns.back() + 1;
    }
};

using Tokens = std::map<std::string, std::string>;

/// Values are not looked through again: a value cannot name another token. The text stays within
/// `bytes_max` or, where no token is in it, as long as it is.
ExpandedLine expand(std::string_view line, const Tokens& tokens, std::size_t bytes_max);

/// The first "@UPPER_CASE@" of a word, by its place: a token that nobody gave a value.
std::optional<std::string_view> unknown_token(std::string_view word);

}  // namespace img::syntax
