#include "syntax/lexer.hpp"

#include "syntax/quote.hpp"

#include <fmt/format.h>

namespace img::syntax {
namespace {

constexpr std::string_view kBlanks = " \t\r\n\v\f";

class Lexer {
public:
    explicit Lexer(const ExpandedLine& line) : line_(line), text_(line.text) {}

    std::expected<LexedLine, LexError> run() {
        while (at_ < text_.size()) {
            const char c = text_[at_];
            if (kBlanks.contains(c)) {
                end_word();
                ++at_;
            } else if (c == '#') {
                if (in_word_) {
                    out_.comment_inside_word = line_.column(at_);
                }
                break;
            } else if (auto wrong = take(c)) {
                return std::unexpected(std::move(*wrong));
            }
        }
        end_word();
        return std::move(out_);
    }

private:
    using Wrong = std::optional<LexError>;

    /// One character of a word, or a whole quoted stretch.
    Wrong take(char c) {
        begin_word();
        switch (c) {
            case '\'':
            case '"': return take_quoted(c);
            case '\\':
                if (at_ + 1 == text_.size()) {
                    return LexError{line_.column(at_),
                                    "a backslash does not join lines in a kickstart: write the "
                                    "command on one line"};
                }
                ++at_;
                return take_character();
            default: return take_character();
        }
    }

    Wrong take_quoted(char quote) {
        const std::size_t start = at_++;
        while (at_ < text_.size() && text_[at_] != quote) {
            const bool escape = quote == '"' && text_[at_] == '\\' && at_ + 1 < text_.size() &&
                                (text_[at_ + 1] == '"' || text_[at_ + 1] == '\\');
            at_ += escape ? 1 : 0;
            if (auto wrong = take_character()) {
                return wrong;
            }
        }
        if (at_ == text_.size()) {
            return LexError{line_.column(start),
                            fmt::format("the quote {} is not closed on this line", quote)};
        }
        ++at_;
        return std::nullopt;
    }

    Wrong take_character() {
        const std::size_t length = utf8_length(text_.substr(at_));
        const auto byte = static_cast<unsigned char>(text_[at_]);
        if (length == 0) {
            return LexError{
                line_.column(at_),
                fmt::format("byte \\x{:02x} is not UTF-8; save the file as UTF-8", byte)};
        }
        if ((byte < 0x20 && byte != '\t') || byte == 0x7f) {
            return LexError{line_.column(at_),
                            fmt::format("control character \\x{:02x}; take it out", byte)};
        }
        for (std::size_t i = 0; i < length; ++i) {
            keep_column(line_.column(at_ + i));
            word_.text += text_[at_ + i];
        }
        at_ += length;
        return std::nullopt;
    }

    void begin_word() {
        if (!in_word_) {
            in_word_ = true;
            word_.column = line_.column(at_);
        }
    }

    /// Most words stand as they are written; only the others pay for a list of columns.
    void keep_column(std::uint32_t column) {
        const auto index = word_.text.size();
        if (word_.columns.empty()) {
            if (column == word_.column + index) {
                return;
            }
            for (std::size_t i = 0; i < index; ++i) {
                word_.columns.push_back(word_.column + static_cast<std::uint32_t>(i));
            }
        }
        word_.columns.push_back(column);
    }

    void end_word() {
        if (in_word_) {
            out_.words.push_back(std::exchange(word_, {}));
            in_word_ = false;
        }
    }

    const ExpandedLine& line_;
    std::string_view text_;
    std::size_t at_ = 0;
    bool in_word_ = false;
    Word word_;
    LexedLine out_;
};

}  // namespace

std::uint32_t Word::column_of(std::size_t index) const {
    if (columns.empty()) {
        return column + static_cast<std::uint32_t>(index);
    }
    return index < columns.size() ? columns[index] : columns.back() + 1;
}

std::expected<LexedLine, LexError> lex(const ExpandedLine& line) {
    return Lexer(line).run();
}

}  // namespace img::syntax
