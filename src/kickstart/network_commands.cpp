#include "kickstart/address.hpp"
#include "kickstart/bounds.hpp"
#include "kickstart/command_table.hpp"
#include "kickstart/quote.hpp"
#include "kickstart/values.hpp"

#include <array>

namespace img::kickstart {
namespace {

constexpr std::size_t kHostNameMax = 64;  // Linux, gethostname(2)

Result<std::string> parse_own_host_name(std::string_view text) {
    auto name = TRY(parse_host_name(text));
    if (name.size() > kHostNameMax) {
        return fail(Fault::invalid, fmt::format("{} is longer than the {} bytes that Linux takes",
                                                in_quotes(text), kHostNameMax));
    }
    return name;
}

Result<std::string> parse_boot_protocol(std::string_view text) {
    if (text == "dhcp" || text == "static") {
        return std::string(text);
    }
    return fail(Fault::invalid,
                fmt::format("{} is not possible; use dhcp or static", in_quotes(text)));
}

Result<bool> parse_yes_no(std::string_view text) {
    for (const std::string_view yes : {"yes", "on", "true", "1"}) {
        if (text == yes) {
            return true;
        }
    }
    for (const std::string_view no : {"no", "off", "false", "0"}) {
        if (text == no) {
            return false;
        }
    }
    return fail(Fault::invalid, fmt::format("{} is neither yes nor no", in_quotes(text)));
}

const OptionTable<Network>& network_options() {
    static const std::string_view later = "not in this version; write it in %post";
    static const std::string_view installer = "it is for the installer's own network";
    static const OptionTable<Network> table{
        takes<&Network::hostname, parse_own_host_name>("--hostname"),
        takes<&Network::device, parse_network_device>("--device"),
        takes<&Network::bootproto, parse_boot_protocol>("--bootproto"),
        takes<&Network::ip, parse_ipv4>("--ip"),
        takes<&Network::netmask, parse_ipv4>("--netmask"),
        takes<&Network::gateway, parse_ip>("--gateway"),
        takes_list<&Network::nameservers, parse_ip>("--nameserver"),
        takes<&Network::onboot, parse_yes_no>("--onboot"),
        ignored("--activate", Takes::nothing, installer),
        ignored("--no-activate", Takes::nothing, installer),
        dropped("--noipv6", Takes::nothing, later),
        dropped("--noipv4", Takes::nothing, later),
        dropped("--nodns", Takes::nothing, later),
        dropped("--nodefroute", Takes::nothing, later),
        dropped("--ipv6", Takes::value, later),
        dropped("--ipv6gateway", Takes::value, later),
        dropped("--mtu", Takes::value, later),
        dropped("--ethtool", Takes::value, later),
        dropped("--dhcpclass", Takes::value, later),
        dropped("--essid", Takes::value, later),
        dropped("--wepkey", Takes::value, later),
        dropped("--wpakey", Takes::value, later),
        refused("--bondslaves", Takes::value, later),
        refused("--bondopts", Takes::value, later),
        refused("--bridgeslaves", Takes::value, later),
        refused("--bridgeopts", Takes::value, later),
        refused("--teamslaves", Takes::value, later),
        refused("--teamconfig", Takes::value, later),
        refused("--vlanid", Takes::value, later),
        refused("--interfacename", Takes::value, later),
    };
    return table;
}

void read_network(const CommandLine& line, Reading& reading) {
    Network network;
    network.where = line.where();
    const auto given = network_options().read(line, network, reading.report);
    refuse_positionals(line, given, reading.report);
    if (network.bootproto == "static" && !(given.has("--ip") && given.has("--netmask"))) {
        reading.report.error(line.where(), "network --bootproto=static needs --ip and --netmask");
    }
    if (network.bootproto == "dhcp" && (given.has("--ip") || given.has("--netmask"))) {
        reading.report.error(line.where(),
                             "network has both --bootproto=dhcp and --ip or "
                             "--netmask; keep one");
    }
    auto& all = reading.document.networks;
    if (has_room(all.size(), kNetworksMax, "networks", line.where(), reading.report)) {
        all.push_back(std::move(network));
    }
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

void read_services(const CommandLine& line, Reading& reading) {
    static const OptionTable<Services> table{
        takes_list<&Services::enabled, parse_service_name>("--enabled"),
        takes_list<&Services::disabled, parse_service_name>("--disabled"),
    };
    Services said;
    const auto given = table.read(line, said, reading.report);
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

constexpr std::array<Command, 3> kCommands{{
    {"network", Effect::acts, read_network, {}},
    {"services", Effect::acts, read_services, {}},
    {"firewall", Effect::dropped, nullptr, "not in this version; write it in %post"},
}};

}  // namespace

std::span<const Command> network_commands() {
    return kCommands;
}

}  // namespace img::kickstart
