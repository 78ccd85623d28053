// Every command of the language, one row each: its name, its options, what it does to an image.
#pragma once

#include "kickstart/document.hpp"
#include "syntax/option_table.hpp"

#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace img::kickstart {

// The words that commands and sections are written in.
using syntax::calls;
using syntax::CommandLine;
using syntax::dropped;
using syntax::Effect;
using syntax::flag;
using syntax::Given;
using syntax::ignored;
using syntax::Option;
using syntax::OptionRow;
using syntax::OptionTable;
using syntax::read_options;
using syntax::refused;
using syntax::Reporter;
using syntax::takes;
using syntax::takes_list;
using syntax::without;
using syntax::Word;

/// What a command writes to: the Document, and what has to be said about it.
struct Reading {
    Document& document;
    Reporter& report;
};

struct Command {
    std::string_view name{};
    /// The syntax versions that know it: "FC3", since Fedora Core 3; "FC3-F28", no longer in
    /// Fedora 29; "RHEL8", only there. Dialects are named: "mic", "Sailfish", "IMG".
    std::string_view history{};
    Effect effect = Effect::acts;
    std::string_view note{};  ///< What it does to an image; of one that does nothing: why.
    /// What it takes besides options: "", "WORD", "[WORD]", "WORD…", "[WORD…]".
    std::string_view words{};
    void (*read)(const CommandLine& line, Reading& reading) = nullptr;  ///< Of one that acts.
    std::span<const OptionRow> (*rows)() = nullptr;                     ///< Of one that acts.
    /// Of one that does not act: "--server=HOST --opts=[TEXT]@FC6", a history behind the "@"; "…"
    /// takes whatever stands there, as the last versions of the language that knew it did.
    std::string_view options{};
};

/// A row of one that is read over. `words` and `options` as the members of these names.
constexpr Command without_effect(std::string_view name,
                                 std::string_view history,
                                 std::string_view why,
                                 std::string_view words = {},
                                 std::string_view options = {}) {
    return {.name = name,
            .history = history,
            .effect = Effect::none,
            .note = why,
            .words = words,
            .options = options};
}

/// A row of one that no image can be built with.
constexpr Command not_possible(std::string_view name,
                               std::string_view history,
                               std::string_view why,
                               std::string_view words = {},
                               std::string_view options = {}) {
    Command command = without_effect(name, history, why, words, options);
    command.effect = Effect::refused;
    return command;
}

/// Takes whatever stands on the line: Command::options of such a row.
inline constexpr std::string_view kAnything = "…";

// The rows, by noun; each in the file of its name.
std::span<const Command> storage_commands();
std::span<const Command> volume_commands();
std::span<const Command> flash_commands();
std::span<const Command> repository_commands();
std::span<const Command> account_commands();
std::span<const Command> locale_commands();
std::span<const Command> network_commands();
std::span<const Command> system_commands();
std::span<const Command> desktop_commands();
std::span<const Command> installer_commands();

/// All of them, by name.
std::span<const Command* const> commands();

/// The options of a command, whichever way its row says them.
std::span<const OptionRow> options_of(const Command& command);

/// Reads one line by its command's row. An unknown command is an error with the nearest name.
void read_command(const CommandLine& line, Reading& reading);

/// For commands that take options alone: an error for each further word.
void refuse_positionals(const CommandLine& line, const Given& given, Reporter& report);

/// The one word that a command takes besides its options, or nullptr; further ones are errors.
const Word* only_positional(const CommandLine& line, const Given& given, Reporter& report);

/// The later of two lines counts; says so. Call it before overwriting.
void warn_of_replacement(const CommandLine& line, const Location& earlier, Reporter& report);

/// Keeps what a line says, in place of what an earlier one said.
template <typename Value>
void keep_later(const CommandLine& line,
                Value value,
                std::optional<Value>& into,
                Reporter& report) {
    if (into) {
        warn_of_replacement(line, into->where, report);
    }
    into = std::move(value);
}

/// A word that is not an option, through its parser; refuses what does not fit.
template <auto Parse, typename Member>
void store_word(const CommandLine& line, const Word& word, Member& member, Reporter& report) {
    if (auto parsed = Parse(word.text)) {
        member = std::move(*parsed);
    } else {
        report.refuse(line.where(word), "{}: {}", line.words.front().text, parsed.error().message);
    }
}

/// True where one more fits; otherwise an error says how many do.
bool has_room(std::size_t count,
              std::size_t most,
              std::string_view what,
              const Location& where,
              Reporter& report);

}  // namespace img::kickstart
