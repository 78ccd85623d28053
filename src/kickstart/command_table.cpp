#include "kickstart/command_table.hpp"

#include "kickstart/quote.hpp"

#include <array>
#include <unordered_map>
#include <vector>

namespace img::kickstart {
namespace {

using Rows = std::unordered_map<std::string_view, const Command*>;

const Rows& rows() {
    static const Rows all = [] {
        Rows found;
        for (const auto part : {storage_commands(), repository_commands(), account_commands(),
                                locale_commands(), network_commands(), installer_commands()}) {
            for (const auto& command : part) {
                found.emplace(command.name, &command);
            }
        }
        return found;
    }();
    return all;
}

const std::vector<std::string>& command_names() {
    static const std::vector<std::string> names = [] {
        std::map<std::string_view, const Command*> sorted(rows().begin(), rows().end());
        std::vector<std::string> found;
        for (const auto& [name, command] : sorted) {
            found.emplace_back(name);
        }
        return found;
    }();
    return names;
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

}  // namespace

void read_command(const CommandLine& line, Reading& reading) {
    const std::string& name = line.words.front().text;
    const auto row = rows().find(name);
    if (row == rows().end()) {
        reading.report.error(line.where(), "no command is called {}{}", in_quotes(name),
                             reading.report.meant(name, command_names()));
        return;
    }
    const Command& command = *row->second;
    switch (command.effect) {
        case Effect::acts:
            warn_of_tokens(line, reading.report);
            command.read(line, reading);
            break;
        case Effect::none:
            reading.report.note(line.where(), "{} has no effect on an image: {}", name,
                                command.note);
            break;
        case Effect::dropped:
            reading.report.warning(line.where(), "{} is left out: {}", name, command.note);
            break;
        case Effect::refused:
            reading.report.error(line.where(), "{} is not possible: {}", name, command.note);
            break;
    }
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
        report.error(where, "more than {} {}; leave some out", most, what);
    }
    return count < most;
}

}  // namespace img::kickstart
