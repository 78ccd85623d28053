#include "kickstart/command_table.hpp"

#include "base/text.hpp"
#include "kickstart/bounds.hpp"
#include "syntax/quote.hpp"

#include <algorithm>
#include <unordered_map>

namespace img::kickstart {
namespace {

using syntax::in_quotes;
using syntax::Severity;
using syntax::spelled;
using syntax::unknown_token;

const Command* find_command(std::string_view name) {
    const auto all = commands();
    const auto at = std::ranges::lower_bound(all, name, {}, &Command::name);
    return at != all.end() && (*at)->name == name ? *at : nullptr;
}

const std::vector<std::string>& command_names() {
    static const std::vector<std::string> names = [] {
        std::vector<std::string> found;
        for (const Command* command : commands()) {
            found.emplace_back(command->name);
        }
        return found;
    }();
    return names;
}

/// "--server=HOST --opts=[TEXT]@FC6"
std::vector<OptionRow> rows_of_text(std::string_view text) {
    std::vector<OptionRow> rows;
    while (!text.empty()) {
        auto word = text.substr(0, text.find(' '));
        text.remove_prefix(std::min(word.size() + 1, text.size()));
        const auto at = std::min(word.find('@'), word.size());
        rows.push_back(spelled(word.substr(0, at), word.substr(std::min(at + 1, word.size()))));
        rows.back().effect = Effect::none;
    }
    return rows;
}

void warn_of_tokens(const CommandLine& line, Reporter& report) {
    for (const auto& word : line.words) {
        if (const auto token = unknown_token(word.text)) {
            const auto at = static_cast<std::size_t>(token->data() - word.text.data());
            report.warning(line.where(word, at), "token {} has no value; it stays as it is",
                           *token);
        }
    }
}

/// How many words the row says: "WORD", "[WORD]", "WORD…", "[WORD…]".
void check_words(const Command& command,
                 const CommandLine& line,
                 const Given& given,
                 Reporter& report) {
    if (command.words.empty()) {
        refuse_positionals(line, given, report);
    } else if (!command.words.contains("…")) {
        only_positional(line, given, report);
    }
    if (!command.words.empty() && !command.words.starts_with('[') && given.positionals.empty()) {
        report.error(line.where(), "{} needs a word: {}", command.name, command.words);
    }
}

/// For print().
void keep(const CommandLine& line, Reading& reading) {
    auto& kept = reading.document.idle_commands;
    if (has_room(kept.size(), kIdleCommandsMax, "commands without effect", line.where(),
                 reading.report)) {
        kept.push_back({.words = {}, .where = line.where()});
        for (const auto& word : line.words) {
            kept.back().words.push_back(word.text);
        }
    }
}

/// A line that does nothing: its form is checked all the same.
void read_idle(const Command& command, const CommandLine& line, Reading& reading) {
    if (command.options != kAnything) {
        const auto given = read_options(line, options_of(command), nullptr, reading.report);
        check_words(command, line, given, reading.report);
    }
    keep(line, reading);
}

/// A line with something that is refused is kept as it was written: half of it in the Document
/// would print as another line. A first reading finds out, as long as anybody wants to know.
void read_acting(const Command& command, const CommandLine& line, Reading& reading) {
    if (reading.report.wants(Severity::refused)) {
        Document trial;
        Reporter unheard;
        Reading first{.document = trial, .report = unheard};
        command.read(line, first);
        if (unheard.has_said(Severity::refused) && !unheard.has_said(Severity::error)) {
            Reading told{.document = trial, .report = reading.report};
            trial = Document();
            command.read(line, told);
            keep(line, reading);
            return;
        }
    }
    command.read(line, reading);
}

}  // namespace

std::span<const Command* const> commands() {
    static const std::vector<const Command*> all = [] {
        std::vector<const Command*> found;
        for (const auto part :
             {storage_commands(), volume_commands(), flash_commands(), repository_commands(),
              account_commands(), locale_commands(), network_commands(), system_commands(),
              desktop_commands(), installer_commands()}) {
            for (const auto& command : part) {
                found.push_back(&command);
            }
        }
        std::ranges::sort(found, {}, &Command::name);
        return found;
    }();
    return all;
}

std::span<const OptionRow> options_of(const Command& command) {
    if (command.rows != nullptr) {
        return command.rows();
    }
    static const auto idle = [] {
        std::unordered_map<const Command*, std::vector<OptionRow>> all;
        for (const Command* one : commands()) {
            if (one->rows == nullptr && one->options != kAnything) {
                all.emplace(one, rows_of_text(one->options));
            }
        }
        return all;
    }();
    const auto rows = idle.find(&command);
    return rows == idle.end() ? std::span<const OptionRow>() : rows->second;
}

void read_command(const CommandLine& line, Reading& reading) {
    const std::string& name = line.words.front().text;
    const Command* const command = find_command(name);
    if (command == nullptr) {
        reading.report.error(line.where(), "no command is called {}{}", in_quotes(name),
                             reading.report.meant(name, command_names()));
        return;
    }
    switch (command->effect) {
        case Effect::acts:
            warn_of_tokens(line, reading.report);
            read_acting(*command, line, reading);
            return;
        case Effect::none:
            reading.report.note(line.where(), "{} has no effect on an image: {}", name,
                                command->note);
            break;
        case Effect::dropped:
            reading.report.warning(line.where(), "{} is left out: {}", name, command->note);
            break;
        case Effect::refused:
            reading.report.refuse(line.where(), "{} is not possible: {}", name, command->note);
            break;
    }
    read_idle(*command, line, reading);
}

void refuse_positionals(const CommandLine& line, const Given& given, Reporter& report) {
    for (const Word* word : given.positionals) {
        report.error(line.where(*word), "{} takes options only, not {}", line.words.front().text,
                     in_quotes(word->text));
    }
}

const Word* only_positional(const CommandLine& line, const Given& given, Reporter& report) {
    for (std::size_t i = 1; i < given.positionals.size(); ++i) {
        const Word& word = *given.positionals[i];
        report.error(line.where(word),
                     "{} has one word too many, {}; put quotes around a value "
                     "with blanks",
                     line.words.front().text, in_quotes(word.text));
    }
    return given.positionals.empty() ? nullptr : given.positionals.front();
}

void warn_of_replacement(const CommandLine& line, const Location& earlier, Reporter& report) {
    report.warning(line.where(), "{} was said in line {} already; this one counts",
                   line.words.front().text, earlier.line);
}

bool has_room(std::size_t count,
              std::size_t most,
              std::string_view what,
              const Location& where,
              Reporter& report) {
    if (count >= most) {
        report.refuse(where, "more than {} {}; leave some out", most, what);
    }
    return count < most;
}

}  // namespace img::kickstart
