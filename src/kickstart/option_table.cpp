#include "kickstart/option_table.hpp"

#include "kickstart/quote.hpp"

#include <algorithm>

namespace img::kickstart {
namespace {

/// Walks over the words after the command, once.
class OptionReader {
public:
    OptionReader(const CommandLine& line,
                 const std::vector<OptionRow>& rows,
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
        const auto row = std::ranges::find(rows_, name, &OptionRow::name);
        if (row == rows_.end()) {
            report_unknown(word, name);
            return;
        }
        const bool repeated = given_.has(row->name);
        if (repeated && row->effect == Effect::acts) {
            report_.warning(line_.where(word), "{} {} is given twice; the later one counts",
                            command(), name);
        } else if (!repeated) {
            given_.names.push_back(row->name);
            report_effect(word, *row);
        }
        const auto value = value_of(word, equals, *row);
        if (!value) {
            given_.clean = false;
            return;
        }
        if (row->apply == nullptr) {
            return;
        }
        if (const auto refusal = row->apply(object_, value->text)) {
            given_.clean = false;
            report_.error(line_.where(*value->word, value->offset + refusal->offset), "{} {}: {}",
                          command(), name, refusal->text);
        }
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
        if (!value || (value->text.empty() && row.takes == Takes::value)) {
            report_.error(line_.where(word), "{} {} needs a value: {}=…", command(), row.name,
                          row.name);
            return std::nullopt;
        }
        return value;
    }

    void report_effect(const Word& word, const OptionRow& row) {
        const auto where = line_.where(word);
        switch (row.effect) {
            case Effect::acts: break;
            case Effect::none:
                report_.note(where, "{} {} has no effect on an image: {}", command(), row.name,
                             row.note);
                break;
            case Effect::dropped:
                report_.warning(where, "{} {} is left out: {}", command(), row.name, row.note);
                break;
            case Effect::refused:
                report_.error(where, "{} {} is not possible: {}", command(), row.name, row.note);
                break;
        }
    }

    void report_unknown(const Word& word, std::string_view name) {
        std::vector<std::string> names;
        if (report_.wants(Severity::error)) {
            for (const auto& row : rows_) {
                names.emplace_back(row.name);
            }
        }
        report_.error(line_.where(word), "{} has no option {}{}", command(), in_quotes(name),
                      report_.meant(name, names));
    }

    const CommandLine& line_;
    const std::vector<OptionRow>& rows_;
    void* object_;
    Reporter& report_;
    std::size_t at_ = 0;
    bool only_words_ = false;  // behind "--"
    Given given_;
};

}  // namespace

bool Given::has(std::string_view name) const {
    return std::ranges::find(names, name) != names.end();
}

Given read_options(const CommandLine& line,
                   const std::vector<OptionRow>& rows,
                   void* object,
                   Reporter& report) {
    return OptionReader(line, rows, object, report).run();
}

}  // namespace img::kickstart
