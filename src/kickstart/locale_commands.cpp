#include "kickstart/bounds.hpp"
#include "kickstart/command_table.hpp"
#include "syntax/values.hpp"

#include <array>

namespace img::kickstart {
namespace {

using syntax::parse_host_name;
using syntax::parse_keymap;
using syntax::parse_locale;
using syntax::parse_plain_name;
using syntax::parse_time_zone;
using syntax::parse_x_layout;

const OptionTable<Lang>& lang_options() {
    static const OptionTable<Lang> table{
        takes_list<&Lang::additional, parse_locale>("--addsupport=[LOCALE,…]", "F19"),
    };
    return table;
}

void read_lang(const CommandLine& line, Reading& reading) {
    Lang lang;
    lang.where = line.where();
    const auto given = lang_options().read(line, lang, reading.report);
    if (const Word* word = only_positional(line, given, reading.report)) {
        store_word<parse_locale>(line, *word, lang.locale, reading.report);
    } else {
        reading.report.error(line.where(), "lang needs a locale, such as de_DE.UTF-8");
    }
    keep_later(line, std::move(lang), reading.document.lang, reading.report);
}

const OptionTable<Keyboard>& keyboard_options() {
    static const OptionTable<Keyboard> table{
        takes<&Keyboard::keymap, parse_keymap>("--vckeymap=[KEYMAP]", "F18"),
        takes_list<&Keyboard::x_layouts, parse_x_layout>("--xlayouts=[LAYOUT,…]", "F18"),
        takes_list<&Keyboard::x_options, parse_plain_name>("--switch=[OPTION,…]", "F18"),
    };
    return table;
}

void read_keyboard(const CommandLine& line, Reading& reading) {
    Keyboard keyboard;
    keyboard.where = line.where();
    const auto given = keyboard_options().read(line, keyboard, reading.report);
    if (const Word* word = only_positional(line, given, reading.report)) {
        if (given.has("--vckeymap")) {
            reading.report.warning(line.where(*word),
                                   "keyboard has both a keymap and --vckeymap, which counts");
        } else {
            store_word<parse_keymap>(line, *word, keyboard.keymap, reading.report);
        }
    } else if (given.names.empty()) {
        reading.report.error(line.where(), "keyboard needs a keymap, such as us");
    }
    keep_later(line, std::move(keyboard), reading.document.keyboard, reading.report);
}

/// `timezone` and what it may say of time servers.
struct TimezoneLine {
    Timezone timezone;
    std::vector<std::string> servers;
    bool no_servers = false;
};

Result<void> set_utc(TimezoneLine& line, std::string_view /*nothing*/) {
    line.timezone.utc = true;
    return {};
}

const OptionTable<TimezoneLine>& timezone_options() {
    static const OptionTable<TimezoneLine> table{
        calls<set_utc>("--utc"),
        calls<set_utc>("--isUtc", "F18"),
        flag<&TimezoneLine::no_servers>("--nontp", "F18"),
        takes_list<&TimezoneLine::servers, parse_host_name>("--ntpservers=[HOST,…]", "F18"),
    };
    return table;
}

/// True where one more fits.
bool add_time_source(Reading& reading, TimeSource source) {
    auto& all = reading.document.time_sources;
    if (!has_room(all.size(), kTimeSourcesMax, "time sources", source.where, reading.report)) {
        return false;
    }
    all.push_back(std::move(source));
    return true;
}

void read_timezone(const CommandLine& line, Reading& reading) {
    TimezoneLine said;
    said.timezone.where = line.where();
    const auto given = timezone_options().read(line, said, reading.report);
    if (const Word* word = only_positional(line, given, reading.report)) {
        store_word<parse_time_zone>(line, *word, said.timezone.zone, reading.report);
    } else if (given.names.empty()) {
        reading.report.error(line.where(), "timezone needs a zone, such as Europe/Berlin");
    }
    if (said.no_servers && !said.servers.empty()) {
        reading.report.error(line.where(), "timezone has both --nontp and --ntpservers; keep one");
    }
    reading.document.no_time_sources = reading.document.no_time_sources || said.no_servers;
    for (auto& server : said.servers) {
        if (!add_time_source(reading, {.host = std::move(server), .where = line.where()})) {
            break;
        }
    }
    if (!said.timezone.zone.empty() || said.timezone.utc) {
        keep_later(line, std::move(said.timezone), reading.document.timezone, reading.report);
    }
}

struct TimeSourceLine {
    std::string server, pool;
    bool nts = false;
    bool disable = false;
};

const OptionTable<TimeSourceLine>& timesource_options() {
    static const OptionTable<TimeSourceLine> table{
        takes<&TimeSourceLine::server, parse_host_name>("--ntp-server=HOST"),
        takes<&TimeSourceLine::pool, parse_host_name>("--ntp-pool=HOST"),
        flag<&TimeSourceLine::disable>("--ntp-disable"),
        flag<&TimeSourceLine::nts>("--nts"),
    };
    return table;
}

void read_timesource(const CommandLine& line, Reading& reading) {
    TimeSourceLine said;
    const auto given = timesource_options().read(line, said, reading.report);
    refuse_positionals(line, given, reading.report);
    const int ways = (given.says("--ntp-server") ? 1 : 0) + (given.says("--ntp-pool") ? 1 : 0) +
                     (said.disable ? 1 : 0);
    if (ways != 1) {
        reading.report.error(line.where(),
                             "timesource {} one of --ntp-server, --ntp-pool and --ntp-disable",
                             ways == 0 ? "needs" : "takes only");
        return;
    }
    if (said.disable) {
        reading.document.no_time_sources = true;
        return;
    }
    const bool pool = given.says("--ntp-pool");
    add_time_source(reading, {.host = pool ? std::move(said.pool) : std::move(said.server),
                              .pool = pool,
                              .nts = said.nts,
                              .where = line.where()});
}

constexpr std::array<Command, 4> kCommands{{
    {.name = "lang",
     .history = "FC3",
     .note = "the system's language; its locales are generated",
     .words = "LOCALE",
     .read = read_lang,
     .rows = [] { return lang_options().rows(); }},
    {.name = "keyboard",
     .history = "FC3",
     .note = "the layout of the console and of X",
     .words = "[KEYMAP]",
     .read = read_keyboard,
     .rows = [] { return keyboard_options().rows(); }},
    {.name = "timezone",
     .history = "FC3",
     .note = "local time, and how the hardware clock runs",
     .words = "[ZONE]",
     .read = read_timezone,
     .rows = [] { return timezone_options().rows(); }},
    {.name = "timesource",
     .history = "F33",
     .note = "where chrony, systemd-timesyncd or ntpsec of the tree take the time from",
     .read = read_timesource,
     .rows = [] { return timesource_options().rows(); }},
}};

}  // namespace

std::span<const Command> locale_commands() {
    return kCommands;
}

}  // namespace img::kickstart
