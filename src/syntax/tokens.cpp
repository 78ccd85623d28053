#include "syntax/tokens.hpp"

namespace img::syntax {
namespace {

constexpr std::size_t kKeyMax = 64;  // of bytes between two "@"; bounds the look ahead

/// What stands between the "@" at `at` and the next one; empty where there is none near.
std::string_view key_at(std::string_view line, std::size_t at) {
    const auto ahead = line.substr(at + 1, kKeyMax + 1);
    const auto end = ahead.find('@');
    return end == std::string_view::npos ? std::string_view() : ahead.substr(0, end);
}

}  // namespace

ExpandedLine expand(std::string_view line, const Tokens& tokens, std::size_t bytes_max) {
    ExpandedLine out;
    std::size_t done = 0;
    for (auto at = tokens.empty() ? std::string_view::npos : line.find('@');
         at != std::string_view::npos; at = line.find('@', at)) {
        const auto key = key_at(line, at);
        const auto token = key.empty() ? tokens.end() : tokens.find(std::string(key));
        if (token == tokens.end()) {
            ++at;
            continue;
        }
        if (out.text.size() + (at - done) + token->second.size() > bytes_max) {
            out.too_long = true;
            return out;
        }
        for (std::size_t i = done; i < at; ++i) {
            out.columns.push_back(static_cast<std::uint32_t>(i + 1));
        }
        out.text.append(line, done, at - done);
        out.text.append(token->second);
        out.columns.resize(out.text.size(), static_cast<std::uint32_t>(at + 1));
        at += key.size() + 2;
        done = at;
    }
    if (done == 0) {
        out.text = line;
        return out;
    }
    for (std::size_t i = done; i < line.size(); ++i) {
        out.columns.push_back(static_cast<std::uint32_t>(i + 1));
    }
    out.text.append(line, done);
    return out;
}

std::optional<std::string_view> unknown_token(std::string_view word) {
    for (auto at = word.find('@'); at != std::string_view::npos; at = word.find('@', at + 1)) {
        const auto key = key_at(word, at);
        const bool spelled =
            !key.empty() && key[0] >= 'A' && key[0] <= 'Z' &&
            key.find_first_not_of("ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_") == key.npos;
        if (spelled) {
            return word.substr(at, key.size() + 2);
        }
    }
    return std::nullopt;
}

}  // namespace img::syntax
