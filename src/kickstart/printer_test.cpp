#include "syntax/values.hpp"
#include "tests/support/kickstart_text.hpp"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>
#include <set>

namespace img::kickstart {
namespace {

using syntax::parse_printable;
using syntax::Severity;

using Strings = std::vector<std::string>;

/// The same Document with every place forgotten, which is all that printing may lose.
Document without_places(Document document) {
    const auto forget = [](auto& list) {
        for (auto& value : list) {
            value.where = {};
        }
    };
    const auto forget_one = [](auto& value) {
        if (value) {
            value->where = {};
        }
    };
    forget(document.partitions);
    forget(document.repositories);
    forget(document.groups);
    forget(document.users);
    forget(document.ssh_keys);
    forget(document.time_sources);
    forget(document.networks);
    forget(document.modules);
    forget(document.certificates);
    forget(document.attachments);
    forget(document.scripts);
    forget(document.idle_commands);
    forget(document.idle_sections);
    forget(document.packages.names);
    forget(document.packages.excluded);
    forget(document.packages.groups);
    forget(document.packages.excluded_groups);
    forget(document.packages.first);
    forget_one(document.autopart);
    forget_one(document.reqpart);
    forget_one(document.clearpart);
    forget_one(document.nand);
    forget_one(document.bootloader);
    forget_one(document.root_password);
    forget_one(document.authselect);
    forget_one(document.lang);
    forget_one(document.keyboard);
    forget_one(document.timezone);
    forget_one(document.firewall);
    forget_one(document.selinux);
    forget_one(document.xconfig);
    forget_one(document.desktop);
    forget_one(document.firstboot);
    document.services.where = {};
    if (document.packages.where) {
        document.packages.where = Location{};
    }
    return document;
}

template <typename Value>
Value pick(std::initializer_list<Value> values) {
    return *rc::gen::elementOf(std::vector<Value>(values));
}

bool coin() {
    return *rc::gen::arbitrary<bool>();
}

std::uint64_t below(std::uint64_t bound) {
    return *rc::gen::inRange<std::uint64_t>(0, bound);
}

std::string text_of(std::string_view letters, int least, int most) {
    std::string text;
    for (int left = *rc::gen::inRange(least, most + 1); left > 0; --left) {
        text += *rc::gen::elementOf(std::string(letters));
    }
    return text;
}

std::string name() {
    return "n" + text_of("abcxyz0189-", 0, 6);
}

/// Free text with everything that quoting could get wrong.
std::string free_text() {
    return text_of("ab '\"\\#@$%=-;~ü", 0, 12);
}

/// "ü" is two bytes in free_text()'s alphabet; only whole ones are text.
std::string text_or_none() {
    auto text = free_text();
    return parse_printable(text) ? text : std::string();
}

Strings distinct_names() {
    std::set<std::string> found;
    for (auto left = below(4); left > 0; --left) {
        found.insert(name());
    }
    return {found.begin(), found.end()};
}

std::string maybe(std::string text) {
    return coin() ? std::move(text) : std::string();
}

Partition any_partition(std::size_t index) {
    Partition part;
    part.mount_point = "/" + std::to_string(index) + maybe("/" + name());
    part.fstype = pick<std::string>({"", "ext4", "btrfs", "xfs", "vfat", "ubifs"});
    part.grow = coin();
    part.size_mib = below(5000) + (part.grow ? 0 : 1);
    if (coin()) {
        part.max_size_mib = part.size_mib + below(100);
    }
    part.active = coin();
    part.primary = coin();
    part.recommended = coin();
    part.disk = maybe("sda");
    part.label = maybe("L " + name());
    part.fsoptions = maybe("noatime,x=" + name());
    part.mkfsoptions = maybe("-m 0.5 -O ^" + name());
    part.part_type = maybe("0fc63daf-8483-4772-8e79-3d69d8477de4");
    part.uuid = maybe(part.fstype == "vfat" ? "ABCD-0123" : "6b29fc40-ca47-1067-b31d-00dd010662da");
    if (coin()) {
        part.align_kib = below(4096) + 1;
    }
    return part;
}

/// An optional number, 1 to `most`.
std::optional<std::uint64_t> maybe_count(std::uint64_t most) {
    return coin() ? std::optional<std::uint64_t>(below(most) + 1) : std::nullopt;
}

Nand any_nand() {
    return {.profile = maybe("n900"),
            .peb_kib = maybe_count(4096),
            .page_bytes = maybe_count(65536),
            .subpage_bytes = maybe_count(65536),
            .blocks = maybe_count(100000),
            .reserved_blocks = maybe_count(1000),
            .compressor = maybe("zlib"),
            .autoresize = maybe("rootfs"),
            .where = {}};
}

Repository any_repository(std::size_t index) {
    Repository repository;
    repository.base = index == 0 && coin();
    repository.name = repository.base ? "url" : "r" + std::to_string(index);
    (coin() ? repository.baseurl : repository.mirrorlist) = "https://h/" + name();
    if (coin()) {
        repository.kind = RepositoryKind::deb;
        repository.suite = name();
        repository.components = distinct_names();
    } else {
        repository.kind = pick({RepositoryKind::unknown, RepositoryKind::rpm_md});
    }
    repository.gpgcheck = coin();
    repository.gpgkey = repository.gpgcheck ? maybe("/keys/" + name()) : "";
    repository.proxy = maybe("http://proxy:3128");
    repository.include_packages = distinct_names();
    repository.exclude_packages = distinct_names();
    if (!repository.base) {
        repository.cost = coin() ? std::optional(static_cast<int>(below(1000))) : std::nullopt;
        repository.priority =
            coin() ? std::optional(static_cast<int>(below(99)) + 1) : std::nullopt;
        repository.save = coin();
        repository.disabled = coin();
        repository.debuginfo = coin();
        repository.source = coin();
        repository.user = maybe(name());
        repository.password = maybe(name());
    }
    return repository;
}

Password any_password() {
    if (coin()) {
        return {.text = "$6$" + name(), .kind = PasswordKind::crypted, .locked = coin()};
    }
    return {.text = text_or_none(), .kind = PasswordKind::plain, .locked = coin()};
}

User any_user(std::size_t index) {
    User user;
    user.name = "u" + std::to_string(index);
    user.groups = distinct_names();
    user.password = any_password();
    user.home = maybe("/home/" + name());
    user.shell = maybe("/bin/" + name());
    user.gecos = text_or_none();
    user.uid = coin() ? std::optional(static_cast<std::uint32_t>(below(70000))) : std::nullopt;
    user.gid = coin() ? std::optional(static_cast<std::uint32_t>(below(70000))) : std::nullopt;
    return user;
}

/// A kind, and what only that kind has.
void pick_kind(Network& network) {
    network.kind = pick({NetworkKind::plain, NetworkKind::bond, NetworkKind::bridge,
                         NetworkKind::vlan, NetworkKind::wireless});
    switch (network.kind) {
        case NetworkKind::bond:
        case NetworkKind::bridge:
            network.device = "up0";
            network.members = {"eth1", "eth2"};
            network.options = coin() ? Strings{"mode=1", "miimon=100"} : Strings{};
            break;
        case NetworkKind::vlan:
            network.device = "eth0";
            network.vlan_id = static_cast<unsigned>(below(4094)) + 1;
            network.interface_name = maybe("lan5");
            break;
        case NetworkKind::wireless:
            network.essid = "e" + text_or_none();
            network.wep_key = maybe(name());
            network.wpa_key = maybe(name());
            break;
        case NetworkKind::plain:
        case NetworkKind::team: break;
    }
}

Network any_network() {
    Network network;
    network.hostname = maybe("h" + std::to_string(below(9)) + ".example.org");
    network.device = maybe("eth0");
    network.bootproto = pick<std::string>({"", "dhcp", "static"});
    if (network.bootproto == "static") {
        network.ip = "192.0.2.5";
        network.netmask = "255.255.255.0";
        network.gateway = maybe("192.0.2.1");
    }
    network.nameservers = coin() ? Strings{"192.0.2.2", "::1"} : Strings{};
    network.onboot = coin();
    network.ipv6 = pick<std::string>({"", "auto", "dhcp", "2001:db8::5/64"});
    network.ipv6_gateway = maybe("2001:db8::1");
    network.no_ipv4 = coin();
    network.no_ipv6 = coin();
    network.no_dns = coin();
    network.no_default_route = coin();
    network.mtu = coin() ? std::optional(static_cast<unsigned>(below(9000))) : std::nullopt;
    network.dhcp_class = maybe(name());
    network.ethtool = maybe("speed 100 duplex full");
    pick_kind(network);
    if (!network.device.empty()) {  // the language wants it for these
        network.search_domains = coin() ? Strings{"example.org", "lan"} : Strings{};
        network.ignore_auto_dns = coin();
    }
    return network;
}

Packages any_packages() {
    Packages packages;
    packages.where = Location{};
    packages.exclude_docs = coin();
    packages.exclude_weakdeps = coin();
    packages.no_core = coin();
    packages.ignore_missing = coin();
    packages.ignore_broken = coin();
    packages.multilib = coin();
    if (coin()) {
        packages.languages = distinct_names();
    }
    for (const auto& text : distinct_names()) {
        (coin() ? packages.names : packages.excluded).push_back({.text = text, .where = {}});
    }
    for (const auto& text : distinct_names()) {
        const auto group = text + maybe(" group");
        if (coin()) {
            const auto scope = pick({GroupScope::mandatory, GroupScope::defaults, GroupScope::all});
            packages.groups.push_back({.text = group, .scope = scope, .where = {}});
        } else {
            packages.excluded_groups.push_back({.text = group, .where = {}});
        }
    }
    for (const auto& text : distinct_names()) {
        packages.first.push_back({.text = text, .where = {}});
    }
    return packages;
}

Script any_script() {
    Script script;
    script.kind = pick({ScriptKind::pre, ScriptKind::pre_install, ScriptKind::post,
                        ScriptKind::on_error, ScriptKind::traceback, ScriptKind::pack});
    for (auto left = below(4); left > 0; --left) {
        script.body += text_of("ab '\"\\#@$=-;~\t", 0, 12) + text_of("%end", 0, 4) + "\n";
        if (script.body.starts_with('%') || script.body.contains("\n%")) {
            script.body = "# %end\n";
        }
    }
    script.interpreter = pick<std::string>({"/bin/sh", "/usr/bin/python3"});
    script.log = maybe("/root/" + name());
    script.in_tree = script.kind == ScriptKind::post && coin();
    script.error_on_fail = coin();
    return script;
}

Services any_services() {
    Services services;
    for (const auto& service : distinct_names()) {
        (coin() ? services.enabled : services.disabled).push_back(service);
    }
    return services;
}

Firewall any_firewall() {
    Firewall firewall;
    firewall.enabled = coin();
    firewall.system_defaults = coin();
    firewall.ports = coin() ? Strings{"22:tcp", "1000-2000:udp"} : Strings{};
    firewall.services = distinct_names();
    firewall.removed_services = distinct_names();
    firewall.trusted = distinct_names();
    return firewall;
}

XConfig any_xconfig() {
    XConfig xconfig;
    xconfig.skip = coin();
    if (!xconfig.skip) {
        xconfig.start_on_boot = coin();
        xconfig.default_desktop = maybe("GNOME");
    }
    return xconfig;
}

/// What the system is told besides its accounts, disks and packages.
void pick_system(Document& document) {
    if (coin()) {
        document.firewall = any_firewall();
        document.xconfig = any_xconfig();
        document.firstboot = FirstBoot{
            .mode = pick({FirstBootMode::enable, FirstBootMode::disable, FirstBootMode::reconfig}),
            .where = {}};
    }
    if (coin()) {
        document.selinux = Selinux{
            .mode = pick({SelinuxMode::enforcing, SelinuxMode::permissive, SelinuxMode::disabled}),
            .where = {}};
        document.desktop = Desktop{.default_desktop = maybe("KDE"),
                                   .default_manager = maybe("sddm"),
                                   .autologin_user = maybe("joe"),
                                   .session = maybe("startx -- :1"),
                                   .where = {}};
        document.authselect = Authselect{.words = {"select", "sssd", "--force"}, .where = {}};
        document.installer_plugins = {"bootloader", "fstab"};
    }
    document.no_time_sources = coin();
    document.services = any_services();
}

void pick_storage(Document& document) {
    if (coin()) {
        document.nand = any_nand();
    }
    if (coin()) {
        document.autopart =
            AutoPart{.fstype = pick<std::string>({"", "ext4", "btrfs"}), .where = {}};
        document.clearpart =
            ClearPart{.ptable = pick<std::string>({"", "gpt", "msdos"}), .where = {}};
    }
    if (coin()) {
        document.reqpart = ReqPart{.add_boot = coin(), .where = {}};
        document.bootloader = Bootloader{
            .append = text_or_none(),
            .timeout = coin() ? std::optional(static_cast<unsigned>(below(60))) : std::nullopt,
            .ptable = pick<std::string>({"", "gpt", "msdos"}),
            .location = pick<std::string>({"", "mbr", "none"}),
            .default_kernel = maybe("linux-image-amd64"),
            .menus = text_or_none(),
            .password = maybe("secret"),
            .crypted = false,
            .no_mbr = coin(),
            .where = {}};
    }
}

/// Lists of which nobody cares how long they are.
void pick_lists(Document& document, std::size_t index) {
    document.groups.push_back({.name = "g" + std::to_string(index),
                               .gid = coin() ? std::optional<std::uint32_t>(500) : std::nullopt,
                               .where = {}});
    document.ssh_keys.push_back({.user = "root", .key = "ssh-ed25519 AAAA " + name(), .where = {}});
    document.time_sources.push_back(
        {.host = "ntp.example.org", .pool = coin(), .nts = coin(), .where = {}});
    document.modules.push_back(
        {.name = name(), .stream = maybe("1.0"), .disable = coin(), .where = {}});
    document.certificates.push_back(
        {.file_name = "ca.pem", .folder = "/etc/pki", .body = "-----\n", .where = {}});
    document.attachments.push_back({.text = coin() ? "/boot/vmlinuz*" : "vim", .where = {}});
    document.idle_commands.push_back(
        {.words = {"langsupport", "it's", "--default=\"x\""}, .where = {}});
    document.idle_sections.push_back(
        {.words = {"%addon", "a b", "--on"}, .body = maybe("x = 'y\n"), .where = {}});
}

Document any_document() {
    Document document;
    for (std::size_t i = 0, count = below(4); i < count; ++i) {
        document.partitions.push_back(any_partition(i));
        document.repositories.push_back(any_repository(i));
        document.users.push_back(any_user(i));
        document.networks.push_back(any_network());
        document.scripts.push_back(any_script());
        pick_lists(document, i);
    }
    if (coin()) {
        document.lang = Lang{.locale = "de_DE.UTF-8",
                             .additional = coin() ? Strings{"cs_CZ", "C.UTF-8"} : Strings{},
                             .where = {}};
        document.keyboard =
            Keyboard{.keymap = "de",
                     .x_layouts = {"cz", "us (dvorak)"},
                     .x_options = coin() ? Strings{"grp:alt_shift_toggle"} : Strings{},
                     .where = {}};
        document.timezone = Timezone{.zone = "Europe/Berlin", .utc = coin(), .where = {}};
    }
    if (coin()) {
        document.root_password =
            RootPassword{.password = any_password(), .allow_ssh = coin(), .where = {}};
    }
    pick_system(document);
    pick_storage(document);
    if (coin()) {
        document.packages = any_packages();
    }
    return document;
}

RC_GTEST_PROP(Printer, GivesATextThatParsesToTheSameDocument, ()) {
    const auto document = any_document();
    const auto text = print(document);
    RC_LOG() << text;
    if (text.empty()) {
        return;  // Nothing was said: parse() would call it an empty file.
    }
    const auto parsed = parse_text(text);
    for (const auto& diagnostic : parsed.diagnostics) {
        RC_LOG() << to_text(diagnostic) << '\n';
        RC_ASSERT(diagnostic.where.line == 0 || diagnostic.severity != Severity::error ||
                  diagnostic.text.starts_with("UUID"));  // refusals may be
    }
    RC_ASSERT(without_places(parsed.document) == without_places(document));
    RC_ASSERT(print(parsed.document) == text);
}

TEST(Printer, WritesCanonicalLines) {
    const auto document =
        parse_text(
            "url --url http://h/debian --suite bookworm --components main,contrib\n"
            "partition --fstype ext4 --size 100 /\n"
            "timezone --isUtc UTC\n"
            "rootpw \"it's\"\n"
            "%packages\nvim\n-nano\n@core\n%end\n"
            "%post\necho\n%end\n")
            .document;
    EXPECT_EQ(print(document),
              "timezone UTC --utc\n"
              "rootpw \"it's\"\n"
              "part / --size=100 --fstype=ext4\n"
              "url --url=http://h/debian --type=deb --suite=bookworm --components=main,contrib\n"
              "\n%packages\n@core\nvim\n-nano\n%end\n"
              "\n%post\necho\n%end\n");
}

TEST(Printer, HasNothingToSayOfNothing) {
    EXPECT_EQ(print(Document{}), "");
}

}  // namespace
}  // namespace img::kickstart
