#include "syntax/option_table.hpp"

#include "base/text.hpp"
#include "syntax/quote.hpp"

#include <algorithm>
#include <array>
#include <cctype>

namespace img::syntax {
namespace {

constexpr std::array<std::string_view, 6> kNumbers{"N", "MIB", "KIB", "SECONDS", "ID", "PERCENT"};

bool is_whole_number(std::string_view text) {
    text = trim(text);
    text.remove_prefix(text.starts_with('-') || text.starts_with('+') ? 1 : 0);
    // As Python reads them: 5_000 is 5000.
    return !text.empty() && text.find_first_not_of("0123456789_") == std::string_view::npos &&
           !text.starts_with('_') && !text.ends_with('_') && !text.contains("__");
}

/// Walks over the words after the command, once.
class OptionReader {
public:
    OptionReader(const CommandLine& line,
                 std::span<const OptionRow> rows,
                 void* object,
                 Reporter& report)
        : line_(line), rows_(rows), object_(object), report_(report) {}

    Given run() {
        for (at_ = 1; at_ < line_.words.size(); ++at_) {
            const Word& word = line_.words[at_];
            if (word.text == "--" && !only_words_) {  // what follows are words, as everywhere
                only_words_ = true;
                continue;
            }
            // "-" alone and a quoted empty word are no options.
            if (!only_words_ && word.text.size() > 1 && word.text[0] == '-') {
                read_option(word);
            } else {
                given_.positionals.push_back(&word);
            }
        }
        return std::move(given_);
    }

private:
    const std::string& command() const { return line_.words.front().text; }

    void read_option(const Word& word) {
        const auto equals = std::min(word.text.find('='), word.text.size());
        const auto name = std::string_view(word.text).substr(0, equals);
        const OptionRow* row = find(word, name);
        if (row == nullptr) {
            given_.clean = false;
            return;
        }
        const bool repeated = given_.has(row->name);
        if (repeated && row->effect == Effect::acts && !row->accumulates) {
            report_.warning(line_.where(word), "{} {} is given twice; the later one counts",
                            command(), row->name);
        } else if (!repeated) {
            given_.names.push_back(row->name);
            report_effect(word, *row);
        }
        const auto value = value_of(word, equals, *row);
        if (!value) {
            given_.clean = false;
            given_.empty.push_back(row->name);
            return;
        }
        if (value->text.empty() && row->takes != Takes::nothing) {
            given_.empty.push_back(row->name);
        }
        store(*value, *row);
    }

    /// By its name or by a beginning of it that fits no other; nullptr, and an error, otherwise.
    const OptionRow* find(const Word& word, std::string_view name) {
        if (const auto row = std::ranges::find(rows_, name, &OptionRow::name); row != rows_.end()) {
            return &*row;
        }
        std::vector<const OptionRow*> longer;
        if (name.size() > 2) {
            for (const auto& row : rows_) {
                if (row.name.starts_with(name)) {
                    longer.push_back(&row);
                }
            }
        }
        if (longer.size() == 1) {
            report_.warning(line_.where(word), "{} {} is short for {}; write it out", command(),
                            name, longer.front()->name);
            return longer.front();
        }
        report_unknown(word, name, longer);
        return nullptr;
    }

    struct Value {
        std::string_view text;
        const Word* word;
        std::size_t offset;
    };

    /// From behind the "=", or from the next word; nothing where the line does not have one.
    std::optional<Value> value_of(const Word& word, std::size_t equals, const OptionRow& row) {
        const bool joined = equals < word.text.size();
        if (row.takes == Takes::nothing) {
            if (joined) {
                report_.error(line_.where(word, equals), "{} {} takes no value", command(),
                              row.name);
                return std::nullopt;
            }
            return Value{.text = {}, .word = &word, .offset = 0};
        }
        std::optional<Value> value;
        if (joined) {
            value = Value{.text = std::string_view(word.text).substr(equals + 1),
                          .word = &word,
                          .offset = equals + 1};
        } else if (at_ + 1 < line_.words.size() && !line_.words[at_ + 1].text.starts_with("--")) {
            const Word& next = line_.words[++at_];
            value = Value{.text = next.text, .word = &next, .offset = 0};
        }
        if (!value) {
            report_.error(line_.where(word), "{} {} needs a value: {}={}", command(), row.name,
                          row.name, row.value);
        } else if (value->text.empty() && row.takes == Takes::value &&
                   !against_the_language(row.value, {})) {
            report_.refuse(line_.where(word), "{} {} has an empty value: {}={}", command(),
                           row.name, row.name, row.value);
            return std::nullopt;
        }
        return value;
    }

    void store(const Value& value, const OptionRow& row) {
        const auto where = [&](std::size_t offset) {
            return line_.where(*value.word, value.offset + offset);
        };
        if (const auto wrong = against_the_language(row.value, value.text)) {
            given_.clean = false;
            report_.error(where(0), "{} {}: {}", command(), row.name, *wrong);
        } else if (row.apply != nullptr) {
            if (const auto refusal = row.apply(object_, value.text)) {
                given_.clean = false;
                report_.refuse(where(refusal->offset), "{} {}: {}", command(), row.name,
                               refusal->text);
            }
        }
    }

    void report_effect(const Word& word, const OptionRow& row) {
        const auto where = line_.where(word);
        switch (row.effect) {
            case Effect::acts: break;
            case Effect::none:
                if (row.note.empty()) {
                    break;  // its command says it
                }
                report_.note(where, "{} {} has no effect on an image: {}", command(), row.name,
                             row.note);
                break;
            case Effect::dropped:
                report_.warning(where, "{} {} is left out: {}", command(), row.name, row.note);
                break;
            case Effect::refused:
                report_.refuse(where, "{} {} is not possible: {}", command(), row.name, row.note);
                break;
        }
    }

    void report_unknown(const Word& word,
                        std::string_view name,
                        const std::vector<const OptionRow*>& longer) {
        if (!report_.wants(Severity::error)) {
            report_.error(line_.where(word), "{}", name);
            return;
        }
        std::vector<std::string> names;
        if (!longer.empty()) {
            for (const auto* row : longer) {
                names.emplace_back(row->name);
            }
            // Each was the only one in some version of the language.
            report_.refuse(line_.where(word), "{} {} is short for more than one option: {}",
                           command(), name, join(names, ", "));
            return;
        }
        for (const auto& row : rows_) {
            names.emplace_back(row.name);
        }
        report_.error(line_.where(word), "{} has no option {}{}", command(), in_quotes(name),
                      report_.meant(name, names));
    }

    const CommandLine& line_;
    std::span<const OptionRow> rows_;
    void* object_;
    Reporter& report_;
    std::size_t at_ = 0;
    bool only_words_ = false;  // behind "--"
    Given given_;
};

/// In either case, as some of these options have always been read.
bool same_word(std::string_view a, std::string_view b) {
    return std::ranges::equal(
        a, b, [](unsigned char x, unsigned char y) { return std::tolower(x) == std::tolower(y); });
}

}  // namespace

bool Given::has(std::string_view name) const {
    return std::ranges::find(names, name) != names.end();
}

OptionRow spelled(std::string_view spelling, std::string_view history) {
    OptionRow row{.name = spelling, .value = {}, .takes = Takes::nothing, .history = history};
    const auto equals = spelling.find('=');
    if (equals == std::string_view::npos) {
        return row;
    }
    row.name = spelling.substr(0, equals);
    row.value = spelling.substr(equals + 1);
    row.takes = Takes::value;
    if (row.value.starts_with('[')) {
        row.value = row.value.substr(1, row.value.size() - 2);
        row.takes = Takes::value_or_empty;
    }
    return row;
}

std::optional<std::string> against_the_language(std::string_view kind, std::string_view value) {
    if (std::ranges::find(kNumbers, kind) != kNumbers.end()) {
        return is_whole_number(value)
                   ? std::nullopt
                   : std::optional(fmt::format("{} is not a whole number", in_quotes(value)));
    }
    if (!kind.starts_with('{')) {
        return std::nullopt;
    }
    const auto words = split(kind.substr(1, kind.size() - 2), ",");
    if (std::ranges::any_of(words, [&](const auto& word) { return same_word(word, value); })) {
        return std::nullopt;
    }
    return fmt::format("{} is none of {}", in_quotes(value), join(words, ", "));
}

bool Given::says(std::string_view name) const {
    return has(name) && std::ranges::find(empty, name) == empty.end();
}

Given read_options(const CommandLine& line,
                   std::span<const OptionRow> rows,
                   void* object,
                   Reporter& report) {
    return OptionReader(line, rows, object, report).run();
}

}  // namespace img::syntax
