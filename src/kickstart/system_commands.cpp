#include "base/text.hpp"
#include "kickstart/bounds.hpp"
#include "kickstart/command_table.hpp"
#include "syntax/quote.hpp"
#include "syntax/values.hpp"

#include <array>

namespace img::kickstart {
namespace {

using syntax::in_quotes;
using syntax::parse_network_device;
using syntax::parse_number;
using syntax::parse_service_name;

constexpr std::uint64_t kPortMax = 65535;

/// "22", "22:tcp", "1024-2000:udp"; gives the protocol where none is said.
Result<std::string> parse_port(std::string_view text) {
    const auto colon = std::min(text.find(':'), text.size());
    const auto protocol = colon == text.size() ? "tcp" : text.substr(colon + 1);
    const auto numbers = text.substr(0, colon);
    const auto dash = std::min(numbers.find('-'), numbers.size());
    const auto first = parse_number(numbers.substr(0, dash), kPortMax);
    const auto last =
        dash == numbers.size() ? first : parse_number(numbers.substr(dash + 1), kPortMax);
    const bool known =
        protocol == "tcp" || protocol == "udp" || protocol == "sctp" || protocol == "dccp";
    if (!first || !last || *first == 0 || *last < *first || !known) {
        return fail(
            Fault::invalid,
            fmt::format("{} is no port, such as 22:tcp, 53:udp or 8000-8080:tcp", in_quotes(text)));
    }
    return *first == *last ? fmt::format("{}:{}", *first, protocol)
                           : fmt::format("{}-{}:{}", *first, *last, protocol);
}

// The flags of old name the services that were common then.
Result<void> open_ssh(Firewall& firewall, std::string_view /*nothing*/) {
    firewall.services.emplace_back("ssh");
    return {};
}
Result<void> open_http(Firewall& firewall, std::string_view /*nothing*/) {
    firewall.services.emplace_back("http");
    return {};
}
Result<void> open_smtp(Firewall& firewall, std::string_view /*nothing*/) {
    firewall.services.emplace_back("smtp");
    return {};
}
Result<void> open_ftp(Firewall& firewall, std::string_view /*nothing*/) {
    firewall.services.emplace_back("ftp");
    return {};
}
Result<void> open_telnet(Firewall& firewall, std::string_view /*nothing*/) {
    firewall.services.emplace_back("telnet");
    return {};
}

const OptionTable<Firewall>& firewall_options() {
    static constexpr std::string_view kLevels = "a firewall is on or off; there are no levels";
    static const OptionTable<Firewall> table{
        flag<&Firewall::enabled>("--enabled"),
        flag<&Firewall::enabled>("--enable"),
        flag<&Firewall::enabled, false>("--disabled"),
        flag<&Firewall::enabled, false>("--disable"),
        takes_list<&Firewall::ports, parse_port>("--port=[PORT:PROTOCOL,…]"),
        takes_list<&Firewall::services, parse_service_name>("--service=[NAME,…]", "F10"),
        takes_list<&Firewall::removed_services, parse_service_name>("--remove-service=[NAME,…]",
                                                                    "F20"),
        takes_list<&Firewall::trusted, parse_network_device>("--trust=[DEVICE,…]"),
        flag<&Firewall::system_defaults>("--use-system-defaults", "F28"),
        calls<open_ssh>("--ssh"),
        calls<open_http>("--http"),
        calls<open_smtp>("--smtp"),
        calls<open_ftp>("--ftp"),
        calls<open_telnet>("--telnet", "FC3-F13"),
        ignored("--high", kLevels, "FC3-F8"),
        ignored("--medium", kLevels, "FC3-F8"),
    };
    return table;
}

void read_firewall(const CommandLine& line, Reading& reading) {
    Firewall firewall;
    firewall.where = line.where();
    const auto given = firewall_options().read(line, firewall, reading.report);
    refuse_positionals(line, given, reading.report);
    keep_later(line, std::move(firewall), reading.document.firewall, reading.report);
}

template <SelinuxMode Mode>
Option<Selinux> selinux_mode(std::string_view spelling) {
    return flag<&Selinux::mode, Mode>(spelling);
}

const OptionTable<Selinux>& selinux_options() {
    static const OptionTable<Selinux> table{
        selinux_mode<SelinuxMode::enforcing>("--enforcing"),
        selinux_mode<SelinuxMode::permissive>("--permissive"),
        selinux_mode<SelinuxMode::disabled>("--disabled"),
    };
    return table;
}

void read_selinux(const CommandLine& line, Reading& reading) {
    Selinux selinux;
    selinux.where = line.where();
    const auto given = selinux_options().read(line, selinux, reading.report);
    refuse_positionals(line, given, reading.report);
    keep_later(line, std::move(selinux), reading.document.selinux, reading.report);
}

/// Repetitions are taken out once the whole text is read: check_document().
void append(std::vector<std::string>& all,
            std::vector<std::string> more,
            const CommandLine& line,
            Reporter& report) {
    for (auto& name : more) {
        if (!has_room(all.size(), kServicesMax, "services", line.where(), report)) {
            return;
        }
        all.push_back(std::move(name));
    }
}

const OptionTable<Services>& services_options() {
    static const OptionTable<Services> table{
        takes_list<&Services::enabled, parse_service_name>("--enabled=[NAME,…]"),
        takes_list<&Services::disabled, parse_service_name>("--disabled=[NAME,…]"),
    };
    return table;
}

void read_services(const CommandLine& line, Reading& reading) {
    Services said;
    const auto given = services_options().read(line, said, reading.report);
    refuse_positionals(line, given, reading.report);
    if (given.names.empty()) {
        reading.report.error(line.where(), "services needs --enabled or --disabled");
    }
    Services& all = reading.document.services;
    if (all.where.line == 0) {
        all.where = line.where();
    }
    append(all.enabled, std::move(said.enabled), line, reading.report);
    append(all.disabled, std::move(said.disabled), line, reading.report);
}

/// MeeGo's and Tizen's: "bootloader,fstab", what scripts of the image do in our place.
void read_installer_plugins(const CommandLine& line, Reading& reading) {
    const auto given = read_options(line, {}, nullptr, reading.report);
    const Word* word = only_positional(line, given, reading.report);
    if (word == nullptr) {
        reading.report.error(line.where(), "{} needs a word, such as bootloader,fstab",
                             line.words.front().text);
        return;
    }
    std::vector<std::string> plugins;
    for (const auto& name : split(word->text, ", ")) {
        if (name != "bootloader" && name != "fstab" && name != "all") {
            reading.report.refuse(line.where(*word), "{}: {} is none of bootloader, fstab and all",
                                  line.words.front().text, in_quotes(name));
            return;
        }
        plugins.push_back(name);
    }
    reading.document.installer_plugins = std::move(plugins);
}

constexpr std::string_view kPlugins = "leaves the boot loader or fstab to scripts of the image";

constexpr std::array<Command, 8> kCommands{{
    {.name = "firewall",
     .history = "FC3",
     .note = "sets up firewalld, or nftables where that is in the tree",
     .read = read_firewall,
     .rows = [] { return firewall_options().rows(); }},
    {.name = "selinux",
     .history = "FC3",
     .note = "the mode that SELinux starts in",
     .read = read_selinux,
     .rows = [] { return selinux_options().rows(); }},
    {.name = "services",
     .history = "FC6",
     .note = "which services start at boot",
     .read = read_services,
     .rows = [] { return services_options().rows(); }},
    {.name = "installerfw_plugins",
     .history = "mic",
     .note = kPlugins,
     .words = "NAME,…",
     .read = read_installer_plugins},
    {.name = "installerfw",
     .history = "mic",
     .note = kPlugins,
     .words = "NAME,…",
     .read = read_installer_plugins},
    {.name = "realm",
     .history = "F19",
     .effect = Effect::refused,
     .note = "a machine joins a domain when it runs; do it in a script of the first boot",
     .words = "[WORD…]",
     .options = "…"},
    {.name = "rhsm",
     .history = "RHEL8",
     .effect = Effect::refused,
     .note = "IMG registers with no subscription service",
     .options = "--organization=TEXT --activation-key=TEXT --connect-to-insights "
                "--server-hostname=HOST --rhsm-baseurl=URL --proxy=URL "
                "--flatpak-registry-url=URL@RHEL10"},
    {.name = "syspurpose",
     .history = "RHEL8",
     .effect = Effect::dropped,
     .note = "only a subscription service reads it",
     .options = "--role=TEXT --sla=TEXT --usage=TEXT --addon=TEXT"},
}};

}  // namespace

std::span<const Command> system_commands() {
    return kCommands;
}

}  // namespace img::kickstart
