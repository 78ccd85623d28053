#include "kickstart/reference.hpp"

#include "kickstart/command_table.hpp"
#include "kickstart/section.hpp"

#include <fmt/format.h>

namespace img::kickstart {
namespace {

constexpr std::string_view kIntroduction =
    R"(<!-- Written from the table in src/kickstart by the test Reference.IsWhatTheTableSays. -->
# Kickstart, as IMG reads it

A kickstart file says what goes into an image, a command a line. IMG reads the dialects of Red Hat's
installer (from Fedora Core 3 and RHEL 3 to Fedora 43 and RHEL 10), of livecd-tools, of mic (MeeGo,
Tizen) and of Sailfish OS. Every command and option they know is in the tables below, and does one
of three things in an image build:

- **acts**: the image is as the line says;
- **none**: the line is about an installer or a machine, and means nothing to an image; a note (or a
  warning, where its author may count on it) says so and the build goes on;
- **refused**: leaving the line out would give another image than was asked for, so no image is built.

`img check FILE.ks` says which lines are which. It calls *errors* only what the language itself
forbids, with the nearest right name for a wrong one; with `-t TYPE` what a build of that type would
refuse counts as well. `img commands` prints these tables for programs.

## The file

- A command stands on a line of its own; a backslash does not join lines. Words are split as shells
  do it: `'all but quotes'`, `"with \" and \\ as escapes"`, `\x` outside quotes. A `#` outside quotes
  begins a comment.
- `--option=value` and `--option value` are the same. A beginning of an option's name that fits no
  other is taken for it, with a warning. `--` ends the options.
- `@NAME@` is replaced by a token's value everywhere: `@ARCH@`, `@BUILD_ID@`, `@RELEASE@`, `@NAME@`
  (of the image), `@DEBIAN_MIRROR@` (of the machine that builds), and whatever `--token KEY=VALUE` says.
- `%include FILE` (and `%ksappend FILE`) reads another file in its place, relative to the file that
  names it, in commands and in sections. Files outside the folder of the kickstart and URLs need the
  leave of whoever runs IMG: `--include-root`, `--include-urls`. 16 deep, 1024 files, 16 MiB at most.
- Sections begin with `%name` and end with `%end`. Where a file has no `%end` at all it is read as
  before Fedora 8: a section ends where the next one begins.
- Of two lines that say the same thing the later one counts. `part`, `repo`, `user`, `group`,
  `sshkey`, `network`, `module`, `timesource` and sections add up.

## %packages

A name a line, `name.arch` and globs (`lib*`) too; `-name` keeps a package out; `@group` takes a
group's mandatory and default packages, with `--nodefaults` only the mandatory ones, with
`--optional` all; `-@group` takes it back; `@^environment` names an environment. On Debian archives
a group is a task (`@ssh-server`), a priority (`@standard`) or `@core`.
)";

std::string_view name_of(Effect effect) {
    switch (effect) {
        case Effect::acts: return "acts";
        case Effect::refused: return "refused";
        case Effect::none:
        case Effect::dropped: break;
    }
    return "none";
}

std::vector<OptionReference> references(std::span<const OptionRow> rows,
                                        std::string_view history,
                                        Effect effect) {
    std::vector<OptionReference> out;
    for (const auto& row : rows) {
        // An option of a command that does not act does nothing that its command does not.
        out.push_back({.name = row.name,
                       .value = row.value,
                       .may_be_empty = row.takes == syntax::Takes::value_or_empty,
                       .history = row.history.empty() ? history : row.history,
                       .effect = name_of(effect == Effect::acts ? row.effect : effect),
                       .note = row.note});
    }
    return out;
}

/// A cell of a table: "|" would end it.
std::string cell(std::string_view text) {
    std::string out;
    for (const char c : text) {
        out += c == '|' ? "\\|" : std::string(1, c);
    }
    return out;
}

std::string spelling(const OptionReference& option) {
    if (option.value.empty()) {
        return std::string(option.name);
    }
    return option.may_be_empty ? fmt::format("{}=[{}]", option.name, option.value)
                               : fmt::format("{}={}", option.name, option.value);
}

std::string history_text(std::string_view history) {
    const auto end = until(history);
    return end.empty() ? std::string(since(history)) : fmt::format("{} – {}", since(history), end);
}

std::string page_of(const std::vector<CommandReference>& references) {
    std::string text;
    for (const auto& one : references) {
        text +=
            fmt::format("\n### {}{}{}\n\n{} ({}): {}.\n", one.name, one.words.empty() ? "" : " ",
                        one.words, one.effect, history_text(one.history), one.note);
        if (one.any_options) {
            text += "Whatever else stands on the line is not looked at.\n";
        }
        if (one.options.empty()) {
            continue;
        }
        text += "\n| option | since | effect |\n|---|---|---|\n";
        for (const auto& option : one.options) {
            text += fmt::format("| `{}` | {} | {}{}{} |\n", cell(spelling(option)),
                                history_text(option.history), option.effect,
                                option.note.empty() ? "" : ": ", cell(option.note));
        }
    }
    return text;
}

}  // namespace

std::string_view since(std::string_view history) {
    return history.substr(0, history.find('-'));
}

std::string_view until(std::string_view history) {
    const auto dash = history.find('-');
    return dash == std::string_view::npos ? std::string_view() : history.substr(dash + 1);
}

std::vector<CommandReference> command_reference() {
    std::vector<CommandReference> out;
    for (const Command* command : commands()) {
        out.push_back(
            {.name = command->name,
             .words = command->words,
             .history = command->history,
             .effect = name_of(command->effect),
             .note = command->note,
             .any_options = command->options == kAnything,
             .options = references(options_of(*command), command->history, command->effect)});
    }
    return out;
}

std::vector<CommandReference> section_reference() {
    std::vector<CommandReference> out;
    for (const auto& section : sections()) {
        out.push_back(
            {.name = section.name,
             .words = section.lines == Lines::idle ? "[WORD…]" : "",
             .history = section.history,
             .effect = name_of(section.effect),
             .note = section.note,
             .any_options = section.lines == Lines::idle,
             .options = references(options_of(section), section.history, section.effect)});
    }
    return out;
}

std::string reference_page() {
    return std::string(kIntroduction) + "\n## Sections\n" + page_of(section_reference()) +
           "\n## Commands\n" + page_of(command_reference());
}

}  // namespace img::kickstart
