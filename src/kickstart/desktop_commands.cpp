#include "kickstart/command_table.hpp"
#include "syntax/values.hpp"

#include <array>

namespace img::kickstart {
namespace {

using syntax::parse_plain_name;
using syntax::parse_session;
using syntax::parse_user_name;

const OptionTable<XConfig>& xconfig_options() {
    static constexpr std::string_view kProbed = "X finds the card and the screen itself";
    static const OptionTable<XConfig> table{
        flag<&XConfig::start_on_boot>("--startxonboot"),
        takes<&XConfig::default_desktop, parse_plain_name>("--defaultdesktop=NAME"),
        ignored("--driver=NAME", kProbed, "FC3-F13"),
        ignored("--resolution=MODE", kProbed, "FC3-F13"),
        ignored("--depth=BITS", kProbed, "FC3-F13"),
        ignored("--videoram=KIB", kProbed, "FC3-F13"),
        ignored("--server=NAME", kProbed, "FC3-FC5"),
        ignored("--card=NAME", kProbed, "FC3-FC5"),
        ignored("--monitor=NAME", kProbed, "FC3-FC5"),
        ignored("--hsync=RANGE", kProbed, "FC3-FC5"),
        ignored("--vsync=RANGE", kProbed, "FC3-FC5"),
        ignored("--noprobe", kProbed, "FC3-FC5"),
    };
    return table;
}

void read_xconfig(const CommandLine& line, Reading& reading) {
    XConfig xconfig;
    xconfig.where = line.where();
    const auto given = xconfig_options().read(line, xconfig, reading.report);
    refuse_positionals(line, given, reading.report);
    keep_later(line, std::move(xconfig), reading.document.xconfig, reading.report);
}

void read_skipx(const CommandLine& line, Reading& reading) {
    const auto given = read_options(line, {}, nullptr, reading.report);
    refuse_positionals(line, given, reading.report);
    XConfig xconfig;
    xconfig.skip = true;
    xconfig.where = line.where();
    keep_later(line, std::move(xconfig), reading.document.xconfig, reading.report);
}

const OptionTable<Desktop>& desktop_options() {
    static const OptionTable<Desktop> table{
        takes<&Desktop::default_desktop, parse_plain_name>("--defaultdesktop=[NAME]"),
        takes<&Desktop::default_manager, parse_plain_name>("--defaultdm=[NAME]"),
        takes<&Desktop::autologin_user, parse_user_name>("--autologinuser=[NAME]"),
        takes<&Desktop::session, parse_session>("--session=[COMMAND]"),
    };
    return table;
}

void read_desktop(const CommandLine& line, Reading& reading) {
    Desktop desktop;
    desktop.where = line.where();
    const auto given = desktop_options().read(line, desktop, reading.report);
    refuse_positionals(line, given, reading.report);
    keep_later(line, std::move(desktop), reading.document.desktop, reading.report);
}

struct FirstBootLine {
    std::optional<FirstBootMode> mode;
};

template <FirstBootMode Mode>
Result<void> set_mode(FirstBootLine& line, std::string_view /*nothing*/) {
    line.mode = Mode;
    return {};
}

const OptionTable<FirstBootLine>& firstboot_options() {
    static const OptionTable<FirstBootLine> table{
        calls<set_mode<FirstBootMode::disable>>("--disable"),
        calls<set_mode<FirstBootMode::disable>>("--disabled"),
        calls<set_mode<FirstBootMode::enable>>("--enable"),
        calls<set_mode<FirstBootMode::enable>>("--enabled"),
        calls<set_mode<FirstBootMode::reconfig>>("--reconfig"),
    };
    return table;
}

void read_firstboot(const CommandLine& line, Reading& reading) {
    FirstBootLine said;
    const auto given = firstboot_options().read(line, said, reading.report);
    refuse_positionals(line, given, reading.report);
    if (!said.mode) {
        reading.report.note(line.where(), "firstboot without --enable or --disable says nothing");
        return;
    }
    keep_later(line, FirstBoot{.mode = *said.mode, .where = line.where()},
               reading.document.firstboot, reading.report);
}

constexpr std::array<Command, 4> kCommands{{
    {.name = "xconfig",
     .history = "FC3",
     .note = "whether the system starts with a graphical login",
     .read = read_xconfig,
     .rows = [] { return xconfig_options().rows(); }},
    {.name = "skipx",
     .history = "FC3",
     .note = "the system starts with a login on the console",
     .read = read_skipx},
    {.name = "desktop",
     .history = "mic",
     .note = "the desktop, and who is logged in when the system starts",
     .read = read_desktop,
     .rows = [] { return desktop_options().rows(); }},
    {.name = "firstboot",
     .history = "FC3",
     .note = "whether the system asks its questions when it is started first",
     .read = read_firstboot,
     .rows = [] { return firstboot_options().rows(); }},
}};

}  // namespace

std::span<const Command> desktop_commands() {
    return kCommands;
}

}  // namespace img::kickstart
