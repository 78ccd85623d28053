// Every command of the language, one row each: its name, what it does to an image, who reads it.
#pragma once

#include "kickstart/option_table.hpp"

#include <map>
#include <span>
#include <string>
#include <string_view>

namespace img::kickstart {

/// What a command writes to: the Document, and what has to be said about it.
struct Reading {
    Document& document;
    Reporter& report;
};

struct Command {
    std::string_view name;
    Effect effect = Effect::acts;
    void (*read)(const CommandLine& line, Reading& reading) = nullptr;  ///< Of one that acts.
    std::string_view note;  ///< Of one that does not act: the reason.
};

// The rows, by noun; each in the file of its name.
std::span<const Command> storage_commands();
std::span<const Command> repository_commands();
std::span<const Command> account_commands();
std::span<const Command> locale_commands();
std::span<const Command> network_commands();
std::span<const Command> installer_commands();

/// Reads one line by its command's row. An unknown command is an error with the nearest name.
void read_command(const CommandLine& line, Reading& reading);

/// For commands that take options alone: an error for each further word.
void refuse_positionals(const CommandLine& line, const Given& given, Reporter& report);

/// The one word that a command takes besides its options, or nullptr; further ones are errors.
const Word* only_positional(const CommandLine& line, const Given& given, Reporter& report);

/// The later of two lines counts; says so. Call it before overwriting.
void warn_of_replacement(const CommandLine& line, const Location& earlier, Reporter& report);

/// A word that is not an option, through its parser; reports what does not fit.
template <auto Parse, typename Member>
void store_word(const CommandLine& line, const Word& word, Member& member, Reporter& report) {
    if (auto parsed = Parse(word.text)) {
        member = std::move(*parsed);
    } else {
        report.error(line.where(word), "{}: {}", line.words.front().text, parsed.error().message);
    }
}

/// True where one more fits; otherwise an error says how many do.
bool has_room(std::size_t count,
              std::size_t most,
              std::string_view what,
              const Location& where,
              Reporter& report);

}  // namespace img::kickstart
