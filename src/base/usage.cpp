#include "base/usage.hpp"

#include "base/nearest.hpp"
#include "base/printable.hpp"

#include <algorithm>
#include <fmt/format.h>

namespace img {

std::string meant(std::string_view word, const std::vector<std::string>& candidates) {
    const auto close = nearest(word, candidates);
    return close.empty() ? std::string() : fmt::format("; did you mean '{}'?", close);
}

std::optional<std::string> stray_word(std::string_view command,
                                      const std::vector<std::string>& strays,
                                      const std::vector<std::string>& options) {
    if (strays.empty()) {
        return std::nullopt;
    }
    const auto dashed = std::ranges::find_if(
        strays, [](const std::string& word) { return word.size() > 1 && word.starts_with('-'); });
    if (dashed == strays.end()) {
        const auto word = printable(strays.front());
        return command.empty() ? fmt::format("there is no use for the word '{}'", word)
                               : fmt::format("'{}' has no use for the word '{}'", command, word);
    }
    const auto name = dashed->substr(0, dashed->find('='));
    return (command.empty() ? fmt::format("there is no option '{}'", printable(name))
                            : fmt::format("'{}' has no option '{}'", command, printable(name))) +
           meant(name, options);
}

std::string complaint(std::string_view program, std::string_view sentence, std::string_view help) {
    return fmt::format("{}: {}\nSee `{}`.\n", program, sentence, help);
}

}  // namespace img
