#include "base/text.hpp"
#include "kickstart/bounds.hpp"
#include "kickstart/command_table.hpp"
#include "syntax/address.hpp"
#include "syntax/quote.hpp"
#include "syntax/values.hpp"

#include <array>
#include <utility>

namespace img::kickstart {
namespace {

using syntax::in_quotes;
using syntax::parse_host_name;
using syntax::parse_ip;
using syntax::parse_ipv4;
using syntax::parse_network_device;
using syntax::parse_number;
using syntax::parse_plain_name;
using syntax::parse_plain_option;
using syntax::parse_printable;
using syntax::parse_session;
using syntax::parse_yes_no;

constexpr std::size_t kHostNameMax = 64;   // Linux, gethostname(2)
constexpr std::uint64_t kMtuMax = 65'536;  // of Linux's loopback, the largest there is
constexpr std::uint64_t kVlanMax = 4094;   // IEEE 802.1Q: 12 bits, of which 0 and 4095 are taken

Result<std::string> parse_own_host_name(std::string_view text) {
    auto name = TRY(parse_host_name(text));
    if (name.size() > kHostNameMax) {
        return fail(Fault::invalid, fmt::format("{} is longer than the {} bytes that Linux takes",
                                                in_quotes(text), kHostNameMax));
    }
    return name;
}

Result<std::string> parse_boot_protocol(std::string_view text) {
    if (text == "ibft") {
        return fail(Fault::invalid, "an image cannot ask the firmware of the machine it runs on");
    }
    return std::string(text == "static" ? "static" : "dhcp");  // bootp, query: DHCP's forerunners
}

/// "auto", "dhcp", or an address with the length of its prefix.
Result<std::string> parse_ipv6(std::string_view text) {
    if (text == "auto" || text == "dhcp") {
        return std::string(text);
    }
    const auto slash = std::min(text.find('/'), text.size());
    const auto length = slash == text.size() ? Result<std::uint64_t>(128)
                                             : parse_number(text.substr(slash + 1), 128);
    const auto address = parse_ip(text.substr(0, slash));
    if (!address || !address->contains(':') || !length) {
        return fail(Fault::invalid,
                    fmt::format("{} is neither auto, dhcp nor an address such as 2001:db8::5/64",
                                in_quotes(text)));
    }
    return fmt::format("{}/{}", *address, *length);
}

Result<std::optional<unsigned>> parse_mtu(std::string_view text) {
    const auto bytes = TRY(parse_number(text, kMtuMax));
    return std::optional(static_cast<unsigned>(bytes));
}

Result<void> set_vlan(Network& network, std::string_view text) {
    const auto id = TRY(parse_number(text, kVlanMax));
    if (id == 0) {
        return fail(Fault::invalid, "0 is no VLAN; use 1 to 4094");
    }
    network.kind = NetworkKind::vlan;
    network.vlan_id = static_cast<unsigned>(id);
    return {};
}

Result<void> set_essid(Network& network, std::string_view text) {
    network.essid = TRY(parse_printable(text));
    network.kind = NetworkKind::wireless;
    return {};
}

template <NetworkKind Kind>
Result<void> set_members(Network& network, std::string_view text) {
    network.kind = Kind;
    network.members.clear();
    for (const auto& name : split(text, ", ")) {
        network.members.push_back(TRY(parse_network_device(name)));
    }
    return {};
}

/// "mode=active-backup,miimon=100"; ";" between where a value holds commas.
Result<void> set_options(Network& network, std::string_view text) {
    network.options.clear();
    for (const auto& option : split(text, text.contains(';') ? ";" : ",")) {
        const auto equals = option.find('=');
        if (equals == std::string::npos || equals == 0 || equals + 1 == option.size()) {
            return fail(Fault::invalid, fmt::format("{} is not KEY=VALUE", in_quotes(option)));
        }
        network.options.push_back(TRY(parse_plain_option(option)));
    }
    return {};
}

const OptionTable<Network>& network_options() {
    static constexpr std::string_view kInstaller = "it is for the installer's own network";
    static constexpr std::string_view kTeam = "team devices are gone from Linux; use --bondslaves";
    static const OptionTable<Network> table{
        takes<&Network::hostname, parse_own_host_name>("--hostname=NAME"),
        takes<&Network::device, parse_network_device>("--device=[DEVICE]"),
        takes<&Network::bootproto, parse_boot_protocol>(
            "--bootproto={dhcp,bootp,static,query,ibft}"),
        takes<&Network::ip, parse_ipv4>("--ip=ADDRESS"),
        takes<&Network::netmask, parse_ipv4>("--netmask=MASK"),
        takes<&Network::gateway, parse_ip>("--gateway=ADDRESS"),
        takes<&Network::ipv6, parse_ipv6>("--ipv6=ADDRESS", "F8"),
        takes<&Network::ipv6_gateway, parse_ip>("--ipv6gateway=ADDRESS", "F19"),
        takes_list<&Network::nameservers, parse_ip>("--nameserver=[ADDRESS,…]"),
        takes_list<&Network::search_domains, parse_host_name>("--ipv4-dns-search=[DOMAIN,…]",
                                                              "F39"),
        takes_list<&Network::search_domains, parse_host_name>("--ipv6-dns-search=[DOMAIN,…]",
                                                              "F39"),
        flag<&Network::ignore_auto_dns>("--ipv4-ignore-auto-dns", "F39"),
        flag<&Network::ignore_auto_dns>("--ipv6-ignore-auto-dns", "F39"),
        takes<&Network::onboot, parse_yes_no>("--onboot={yes,no,on,off,true,false,1,0}"),
        flag<&Network::no_ipv4>("--noipv4", "FC6"),
        flag<&Network::no_ipv6>("--noipv6", "FC6"),
        flag<&Network::no_dns>("--nodns"),
        flag<&Network::no_default_route>("--nodefroute", "F16"),
        takes<&Network::mtu, parse_mtu>("--mtu=BYTES"),
        takes<&Network::dhcp_class, parse_plain_name>("--dhcpclass=NAME"),
        takes<&Network::ethtool, parse_session>("--ethtool=[WORDS]"),
        calls<set_members<NetworkKind::bond>>("--bondslaves=DEVICE,…", "F19"),
        calls<set_options>("--bondopts=[KEY=VALUE,…]", "F19"),
        calls<set_members<NetworkKind::bridge>>("--bridgeslaves=DEVICE,…", "F22"),
        calls<set_options>("--bridgeopts=[KEY=VALUE,…]", "F22"),
        calls<set_vlan>("--vlanid=VLAN", "F19"),
        takes<&Network::interface_name, parse_network_device>("--interfacename=NAME", "F21"),
        calls<set_essid>("--essid=NAME"),
        takes<&Network::wep_key, parse_printable>("--wepkey=[KEY]"),
        takes<&Network::wpa_key, parse_printable>("--wpakey=[KEY]", "F16"),
        refused("--teamslaves=DEVICE,…", kTeam, "F20"),
        refused("--teamconfig=JSON", kTeam, "F20"),
        ignored("--activate", kInstaller, "F16"),
        ignored("--no-activate", kInstaller, "F25"),
        ignored("--notksdevice", kInstaller, "FC4"),
        ignored("--bindto={mac}", "write a MAC address as --device", "F27"),
    };
    return table;
}

/// What options say about one another.
void check_network(const Network& network, const Given& given, Reporter& report) {
    const auto& where = network.where;
    if (network.bootproto == "static" && !(given.has("--ip") && given.has("--netmask")) &&
        !given.has("--ipv6")) {
        report.refuse(where, "network --bootproto=static needs --ip and --netmask");
    }
    if (network.bootproto == "dhcp" && (given.has("--ip") || given.has("--netmask"))) {
        report.warning(where,
                       "network has --bootproto=dhcp, and its --ip and --netmask do not "
                       "count");
    }
    if (given.has("--bridgeopts") && !given.has("--bridgeslaves")) {
        report.error(where, "network --bridgeopts needs --bridgeslaves");
    }
    if (given.has("--bondopts") && !given.has("--bondslaves")) {
        report.warning(where, "network --bondopts without --bondslaves has no effect");
    }
    for (const std::string_view option : {"--ipv4-dns-search", "--ipv6-dns-search",
                                          "--ipv4-ignore-auto-dns", "--ipv6-ignore-auto-dns"}) {
        if (given.has(option) && !given.has("--device")) {
            report.error(where, "network {} needs --device", option);
        }
    }
    const bool made = network.kind == NetworkKind::bond || network.kind == NetworkKind::bridge ||
                      network.kind == NetworkKind::vlan;
    if (made && network.device.empty()) {
        report.refuse(where, "network: a bond, a bridge and a VLAN need --device");
    }
}

/// Keeps only what the kind of the card has a use for.
void settle_kind(Network& network) {
    if (network.vlan_id) {
        network.kind = NetworkKind::vlan;
    }
    if (network.kind != NetworkKind::wireless) {
        network.essid.clear();
        network.wep_key.clear();
        network.wpa_key.clear();
    }
    if (network.kind != NetworkKind::vlan) {
        network.interface_name.clear();
    }
    if (network.kind != NetworkKind::bond && network.kind != NetworkKind::bridge) {
        network.options.clear();
    }
}

/// "--device=bond0 --bondslaves=… --vlanid=5" is two cards: the bond, which has no address of its
/// own, and the VLAN on it. Leaves the VLAN in `network`.
std::optional<Network> take_lower_card(Network& network) {
    if (!network.vlan_id || network.members.empty()) {
        return std::nullopt;
    }
    Network lower;
    lower.device = network.device;
    lower.kind = network.kind == NetworkKind::bridge ? NetworkKind::bridge : NetworkKind::bond;
    lower.members = std::exchange(network.members, {});
    lower.options = std::exchange(network.options, {});
    lower.onboot = network.onboot;
    lower.no_ipv4 = true;
    lower.no_ipv6 = true;
    lower.where = network.where;
    return lower;
}

void add_network(const CommandLine& line, Network network, Reading& reading) {
    auto& all = reading.document.networks;
    if (has_room(all.size(), kNetworksMax, "networks", line.where(), reading.report)) {
        all.push_back(std::move(network));
    }
}

void read_network(const CommandLine& line, Reading& reading) {
    Network network;
    network.where = line.where();
    const auto given = network_options().read(line, network, reading.report);
    refuse_positionals(line, given, reading.report);
    check_network(network, given, reading.report);
    if (network.bootproto == "dhcp") {
        network.ip.clear();
        network.netmask.clear();
    }
    if (auto lower = take_lower_card(network)) {
        add_network(line, std::move(*lower), reading);
    }
    settle_kind(network);
    add_network(line, std::move(network), reading);
}

constexpr std::array<Command, 1> kCommands{{
    {.name = "network",
     .history = "FC3",
     .note = "the host's name, and what a card is told at boot",
     .read = read_network,
     .rows = [] { return network_options().rows(); }},
}};

}  // namespace

std::span<const Command> network_commands() {
    return kCommands;
}

}  // namespace img::kickstart
