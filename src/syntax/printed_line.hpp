// A line of a kickstart as it grows: each call adds one word where there is something to say.
#pragma once

#include "base/text.hpp"
#include "syntax/quote.hpp"

#include <fmt/format.h>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace img::syntax {

class PrintedLine {
public:
    explicit PrintedLine(std::string_view command) : text_(command) {}

    PrintedLine& word(std::string_view word) {
        if (!word.empty()) {
            text_ += ' ' + as_word(word);
        }
        return *this;
    }
    PrintedLine& option(std::string_view name, std::string_view value) {
        if (!value.empty()) {
            text_ += fmt::format(" {}={}", name, as_word(value));
        }
        return *this;
    }
    template <typename Number>
    PrintedLine& option(std::string_view name, const std::optional<Number>& value) {
        return value ? option(name, std::to_string(*value)) : *this;
    }
    PrintedLine& option(std::string_view name, const std::vector<std::string>& values) {
        return option(name, join(values, ","));
    }
    PrintedLine& flag(std::string_view name, bool given = true) {
        if (given) {
            text_ += fmt::format(" {}", name);
        }
        return *this;
    }
    std::string text() const { return text_ + '\n'; }

private:
    std::string text_;
};

}  // namespace img::syntax
