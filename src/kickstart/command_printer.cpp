#include "kickstart/command_printer.hpp"

#include "syntax/printed_line.hpp"

#include <algorithm>
#include <span>

namespace img::kickstart {
namespace {

using syntax::as_word;
using syntax::PrintedLine;

std::string_view kind_of(RepositoryKind kind) {
    switch (kind) {
        case RepositoryKind::unknown: return "";
        case RepositoryKind::deb: return "deb";
        case RepositoryKind::rpm_md: return "rpm-md";
    }
    return "";
}

std::string print(const Lang& lang) {
    return PrintedLine("lang").word(lang.locale).option("--addsupport", lang.additional).text();
}

std::string print(const Keyboard& keyboard) {
    return PrintedLine("keyboard")
        .option("--vckeymap", keyboard.keymap)
        .option("--xlayouts", keyboard.x_layouts)
        .option("--switch", keyboard.x_options)
        .text();
}

std::string print(const Timezone& timezone) {
    return PrintedLine("timezone").word(timezone.zone).flag("--utc", timezone.utc).text();
}

std::string print(const TimeSource& source) {
    return PrintedLine("timesource")
        .option(source.pool ? "--ntp-pool" : "--ntp-server", source.host)
        .flag("--nts", source.nts)
        .text();
}

std::string print(const Network& network) {
    PrintedLine line("network");
    line.option("--hostname", network.hostname)
        .option("--device", network.device)
        .option("--bootproto", network.bootproto)
        .option("--ip", network.ip)
        .option("--netmask", network.netmask)
        .option("--gateway", network.gateway)
        .option("--ipv6", network.ipv6)
        .option("--ipv6gateway", network.ipv6_gateway)
        .option("--nameserver", network.nameservers)
        .option("--ipv4-dns-search", network.search_domains)
        .flag("--ipv4-ignore-auto-dns", network.ignore_auto_dns)
        .option("--onboot", network.onboot ? "" : "no")
        .flag("--noipv4", network.no_ipv4)
        .flag("--noipv6", network.no_ipv6)
        .flag("--nodns", network.no_dns)
        .flag("--nodefroute", network.no_default_route)
        .option("--mtu", network.mtu)
        .option("--dhcpclass", network.dhcp_class)
        .option("--ethtool", network.ethtool);
    const bool bridge = network.kind == NetworkKind::bridge;
    return line.option(bridge ? "--bridgeslaves" : "--bondslaves", network.members)
        .option(bridge ? "--bridgeopts" : "--bondopts", join(network.options, ";"))
        .option("--vlanid", network.vlan_id)
        .option("--interfacename", network.interface_name)
        .option("--essid", network.essid)
        .option("--wepkey", network.wep_key)
        .option("--wpakey", network.wpa_key)
        .text();
}

std::string print(const RootPassword& root) {
    PrintedLine line("rootpw");
    line.flag("--iscrypted", root.password.kind == PasswordKind::crypted)
        .flag("--lock", root.password.locked)
        .flag("--allow-ssh", root.allow_ssh);
    if (root.password.text.starts_with('-')) {
        line.flag("--");
    }
    if (root.password.text.empty() && !root.password.locked) {
        line.flag("''");  // no password at all, which differs from none being said
    }
    return line.word(root.password.text).text();
}

std::string print(const User& user) {
    return PrintedLine("user")
        .option("--name", user.name)
        .option("--groups", user.groups)
        .option("--password", user.password.text)
        .flag("--iscrypted", user.password.kind == PasswordKind::crypted)
        .flag("--lock", user.password.locked)
        .option("--homedir", user.home)
        .option("--shell", user.shell)
        .option("--gecos", user.gecos)
        .option("--uid", user.uid)
        .option("--gid", user.gid)
        .text();
}

std::string print(const Group& group) {
    return PrintedLine("group").option("--name", group.name).option("--gid", group.gid).text();
}

std::string print(const SshKey& key) {
    return PrintedLine("sshkey").option("--username", key.user).word(key.key).text();
}

std::string print(const Authselect& authselect) {
    PrintedLine line("authselect");
    for (const auto& word : authselect.words) {
        line.word(word);
    }
    return line.text();
}

std::string print(const Firewall& firewall) {
    return PrintedLine("firewall")
        .flag(firewall.enabled ? "--enabled" : "--disabled")
        .flag("--use-system-defaults", firewall.system_defaults)
        .option("--port", firewall.ports)
        .option("--service", firewall.services)
        .option("--remove-service", firewall.removed_services)
        .option("--trust", firewall.trusted)
        .text();
}

std::string print(const Selinux& selinux) {
    switch (selinux.mode) {
        case SelinuxMode::enforcing: return "selinux --enforcing\n";
        case SelinuxMode::permissive: return "selinux --permissive\n";
        case SelinuxMode::disabled: return "selinux --disabled\n";
    }
    return {};
}

/// Several lines, as a line has its bound and a list of services could pass it.
std::string print_services(std::string_view option, std::span<const std::string> names) {
    constexpr std::size_t kNamesInALine = 64;
    std::string text;
    while (!names.empty()) {
        const auto some = names.first(std::min(names.size(), kNamesInALine));
        text += PrintedLine("services").option(option, join(some, ",")).text();
        names = names.subspan(some.size());
    }
    return text;
}

std::string print(const Services& services) {
    return print_services("--enabled", services.enabled) +
           print_services("--disabled", services.disabled);
}

std::string print(const XConfig& xconfig) {
    if (xconfig.skip) {
        return "skipx\n";
    }
    return PrintedLine("xconfig")
        .flag("--startxonboot", xconfig.start_on_boot)
        .option("--defaultdesktop", xconfig.default_desktop)
        .text();
}

std::string print(const Desktop& desktop) {
    return PrintedLine("desktop")
        .option("--defaultdesktop", desktop.default_desktop)
        .option("--defaultdm", desktop.default_manager)
        .option("--autologinuser", desktop.autologin_user)
        .option("--session", desktop.session)
        .text();
}

std::string print(const FirstBoot& firstboot) {
    switch (firstboot.mode) {
        case FirstBootMode::enable: return "firstboot --enable\n";
        case FirstBootMode::disable: return "firstboot --disable\n";
        case FirstBootMode::reconfig: return "firstboot --reconfig\n";
    }
    return {};
}

std::string print(const Module& module) {
    return PrintedLine("module")
        .option("--name", module.name)
        .option("--stream", module.stream)
        .flag("--disable", module.disable)
        .text();
}

std::string print(const AutoPart& autopart) {
    const bool btrfs = autopart.fstype == "btrfs";
    return PrintedLine("autopart").option(btrfs ? "--type" : "--fstype", autopart.fstype).text();
}

std::string print(const ReqPart& reqpart) {
    return PrintedLine("reqpart").flag("--add-boot", reqpart.add_boot).text();
}

std::string print(const ClearPart& clearpart) {
    return PrintedLine("clearpart").option("--disklabel", clearpart.ptable).text();
}

std::string print(const Bootloader& bootloader) {
    return PrintedLine("bootloader")
        .option("--location", bootloader.location)
        .option("--ptable", bootloader.ptable)
        .option("--timeout", bootloader.timeout)
        .option("--append", bootloader.append)
        .option("--default", bootloader.default_kernel)
        .option("--menus", bootloader.menus)
        .option("--password", bootloader.password)
        .flag("--iscrypted", bootloader.crypted)
        .flag("--nombr", bootloader.no_mbr)
        .text();
}

std::string print(const Nand& nand) {
    return PrintedLine("nand")
        .option("--profile", nand.profile)
        .option("--peb", nand.peb_kib)
        .option("--page", nand.page_bytes)
        .option("--subpage", nand.subpage_bytes)
        .option("--blocks", nand.blocks)
        .option("--reserve", nand.reserved_blocks)
        .option("--compressor", nand.compressor)
        .option("--autoresize", nand.autoresize)
        .text();
}

std::string print(const Partition& part) {
    const auto size = part.size_mib == 0 ? std::nullopt : std::optional(part.size_mib);
    return PrintedLine("part")
        .word(part.mount_point.empty() ? "none" : part.mount_point)
        .option("--size", size)
        .flag("--grow", part.grow)
        .option("--maxsize", part.max_size_mib)
        .flag("--recommended", part.recommended)
        .option("--fstype", part.fstype)
        .option("--ondisk", part.disk)
        .option("--label", part.label)
        .option("--uuid", part.uuid)
        .option("--fsoptions", part.fsoptions)
        .option("--mkfsoptions", part.mkfsoptions)
        .option("--part-type", part.part_type)
        .option("--align", part.align_kib)
        .flag("--active", part.active)
        .flag("--asprimary", part.primary)
        .text();
}

std::string print(const Repository& repository) {
    if (repository.base && repository.baseurl.empty() && repository.mirrorlist.empty()) {
        return {};  // its address was refused, and `url` without one is no kickstart
    }
    PrintedLine line(repository.base ? "url" : "repo");
    if (!repository.base) {
        line.option("--name", repository.name);
    }
    return line.option(repository.base ? "--url" : "--baseurl", repository.baseurl)
        .option("--mirrorlist", repository.mirrorlist)
        .option("--type", kind_of(repository.kind))
        .option("--suite", repository.suite)
        .option("--components", repository.components)
        .option("--gpgkey", repository.gpgkey)
        .flag("--no-gpgcheck", !repository.gpgcheck)
        .option("--proxy", repository.proxy)
        .option("--user", repository.user)
        .option("--passwd", repository.password)
        .option("--cost", repository.cost)
        .option("--priority", repository.priority)
        .option("--includepkgs", repository.include_packages)
        .option("--excludepkgs", repository.exclude_packages)
        .flag("--save", repository.save)
        .flag("--disable", repository.disabled)
        .flag("--debuginfo", repository.debuginfo)
        .flag("--source", repository.source)
        .text();
}

std::string print(const IdleCommand& command) {
    PrintedLine line(command.words.front());
    for (std::size_t i = 1; i < command.words.size(); ++i) {
        line.flag(as_word(command.words[i]));
    }
    return line.text();
}

template <typename Value>
std::string print(const std::optional<Value>& value) {
    return value ? print(*value) : std::string();
}

template <typename Value>
std::string print(const std::vector<Value>& values) {
    std::string text;
    for (const auto& value : values) {
        text += print(value);
    }
    return text;
}

std::string print_plugins(const std::vector<std::string>& plugins) {
    return plugins.empty() ? std::string()
                           : PrintedLine("installerfw_plugins").word(join(plugins, ",")).text();
}

}  // namespace

std::string print_commands(const Document& document) {
    return print(document.lang) + print(document.keyboard) + print(document.timezone) +
           print(document.time_sources) +
           (document.no_time_sources ? "timesource --ntp-disable\n" : "") +
           print(document.networks) + print(document.firewall) + print(document.selinux) +
           print(document.root_password) + print(document.groups) + print(document.users) +
           print(document.ssh_keys) + print(document.authselect) + print(document.services) +
           print(document.xconfig) + print(document.desktop) + print(document.firstboot) +
           print_plugins(document.installer_plugins) + print(document.bootloader) +
           print(document.clearpart) + print(document.autopart) + print(document.reqpart) +
           print(document.nand) + print(document.partitions) + print(document.repositories) +
           print(document.modules) + print(document.idle_commands);
}

}  // namespace img::kickstart
