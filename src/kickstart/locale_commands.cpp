#include "kickstart/command_table.hpp"
#include "kickstart/values.hpp"

#include <array>

namespace img::kickstart {
namespace {

template <typename Value>
void store(const CommandLine& line, Value value, std::optional<Value>& into, Reporter& report) {
    if (into) {
        warn_of_replacement(line, into->where, report);
    }
    into = std::move(value);
}

void read_lang(const CommandLine& line, Reading& reading) {
    static const OptionTable<Lang> table{
        takes_list<&Lang::additional, parse_locale>("--addsupport"),
    };
    Lang lang;
    lang.where = line.where();
    const auto given = table.read(line, lang, reading.report);
    if (const Word* word = only_positional(line, given, reading.report)) {
        store_word<parse_locale>(line, *word, lang.locale, reading.report);
    } else {
        reading.report.error(line.where(), "lang needs a locale, such as de_DE.UTF-8");
    }
    store(line, std::move(lang), reading.document.lang, reading.report);
}

void read_keyboard(const CommandLine& line, Reading& reading) {
    static const OptionTable<Keyboard> table{
        takes<&Keyboard::keymap, parse_keymap>("--vckeymap"),
        takes_list<&Keyboard::x_layouts, parse_x_layout>("--xlayouts"),
        ignored("--switch", Takes::value_or_empty, "the desktop of the image sets its own keys"),
    };
    Keyboard keyboard;
    keyboard.where = line.where();
    const auto given = table.read(line, keyboard, reading.report);
    if (const Word* word = only_positional(line, given, reading.report)) {
        if (given.has("--vckeymap")) {
            reading.report.error(line.where(*word),
                                 "keyboard has both a keymap and --vckeymap; "
                                 "keep one");
        }
        store_word<parse_keymap>(line, *word, keyboard.keymap, reading.report);
    } else if (keyboard.keymap.empty() && keyboard.x_layouts.empty()) {
        reading.report.error(line.where(), "keyboard needs a keymap, such as us");
    }
    store(line, std::move(keyboard), reading.document.keyboard, reading.report);
}

void read_timezone(const CommandLine& line, Reading& reading) {
    static const std::string_view no_time_service = "install and set up a time service instead";
    static const OptionTable<Timezone> table{
        flag<&Timezone::utc>("--utc"),
        flag<&Timezone::utc>("--isUtc"),
        flag<&Timezone::utc>("--isutc"),
        ignored("--nontp", Takes::nothing, no_time_service),
        ignored("--ntpservers", Takes::value, no_time_service),
    };
    Timezone timezone;
    timezone.where = line.where();
    const auto given = table.read(line, timezone, reading.report);
    if (const Word* word = only_positional(line, given, reading.report)) {
        store_word<parse_time_zone>(line, *word, timezone.zone, reading.report);
    } else {
        reading.report.error(line.where(), "timezone needs a zone, such as Europe/Berlin");
    }
    store(line, std::move(timezone), reading.document.timezone, reading.report);
}

constexpr std::array<Command, 4> kCommands{{
    {"lang", Effect::acts, read_lang, {}},
    {"keyboard", Effect::acts, read_keyboard, {}},
    {"timezone", Effect::acts, read_timezone, {}},
    {"timesource", Effect::none, nullptr, "install and set up a time service instead"},
}};

}  // namespace

std::span<const Command> locale_commands() {
    return kCommands;
}

}  // namespace img::kickstart
