#include "tree/settings_file.hpp"

#include "base/text.hpp"

#include <fmt/format.h>
#include <vector>

namespace img::tree {
namespace {

/// With the empty ones, and without the one after the last line's end.
std::vector<std::string_view> lines_of(std::string_view text) {
    std::vector<std::string_view> lines;
    while (!text.empty()) {
        const auto end = text.find('\n');
        lines.push_back(text.substr(0, end));
        text = end == std::string_view::npos ? std::string_view() : text.substr(end + 1);
    }
    return lines;
}

bool sets(std::string_view line, std::string_view key) {
    line = trim(line);
    return line.starts_with(key) && trim(line.substr(key.size())).starts_with('=');
}

}  // namespace

std::string with_assignment(std::string_view old, std::string_view key, std::string_view value) {
    const std::string setting = fmt::format("{}={}\n", key, value);
    std::string text;
    bool is_set = false;
    for (const auto line : lines_of(old)) {
        if (!sets(line, key)) {
            text.append(line).append("\n");
        } else if (!is_set) {
            text += setting;
            is_set = true;
        }
    }
    return is_set ? text : text + setting;
}

std::string with_ini_setting(std::string_view old,
                             std::string_view section,
                             std::string_view key,
                             std::string_view value) {
    const std::string header = fmt::format("[{}]", section);
    const std::string setting = fmt::format("{}={}\n", key, value);
    std::string text;
    bool inside = false;
    bool is_set = false;
    for (const auto line : lines_of(old)) {
        if (inside && sets(line, key)) {
            continue;
        }
        text.append(line).append("\n");
        if (trim(line).starts_with('[')) {
            inside = trim(line) == header;
            if (inside && !is_set) {
                text += setting;
                is_set = true;
            }
        }
    }
    if (!is_set) {
        text += (text.empty() ? "" : "\n") + header + "\n" + setting;
    }
    return text;
}

}  // namespace img::tree
