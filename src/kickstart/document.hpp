// What a kickstart file says, as values: one struct a command, each with the line it came from.
#pragma once

#include "syntax/syntax.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace img::kickstart {

using syntax::Location;

/// `part`, `partition`. Sizes are in MiB, as written.
struct Partition {
    std::string mount_point;  ///< "/", "/home", "swap", "biosboot", or empty.
    std::string fstype;       ///< ext2 ext3 ext4 vfat efi btrfs xfs swap biosboot
                              ///< ubifs jffs2; empty: the default.
    std::uint64_t size_mib = 0;
    std::optional<std::uint64_t> max_size_mib;
    bool grow = false;
    bool recommended = false;  ///< A size that suits the machine's memory: for swap.
    bool active = false;
    bool primary = false;  ///< --asprimary: never a logical one of an msdos table.
    std::string disk;      ///< --ondisk; empty: the first.
    std::string label;
    std::string uuid;
    std::string fsoptions;  ///< Mount options.
    std::string mkfsoptions;
    std::string part_type;  ///< GPT type GUID.
    std::optional<std::uint64_t> align_kib;
    Location where;

    bool operator==(const Partition&) const = default;
};

/// `autopart`: the partitions are left to IMG.
struct AutoPart {
    std::string fstype;  ///< Of "/"; empty: the default.
    Location where;

    bool operator==(const AutoPart&) const = default;
};

/// `reqpart`: the partitions that firmware needs, which an image always has.
struct ReqPart {
    bool add_boot = false;  ///< --add-boot: and one for /boot.
    Location where;

    bool operator==(const ReqPart&) const = default;
};

/// `clearpart`: an image begins empty, and so all that counts is its --disklabel.
struct ClearPart {
    std::string ptable;  ///< "gpt", "msdos" or empty.
    Location where;

    bool operator==(const ClearPart&) const = default;
};

/// `nand`: the flash chip that an image of type nand or jffs2 is for. What is empty, its profile
/// says.
struct Nand {
    std::string profile;  ///< "n900"; empty: none was said.
    std::optional<std::uint64_t> peb_kib;
    std::optional<std::uint64_t> page_bytes;
    std::optional<std::uint64_t> subpage_bytes;
    std::optional<std::uint64_t> blocks;           ///< Erase blocks that the image may take.
    std::optional<std::uint64_t> reserved_blocks;  ///< --reserve: of these, for those that go bad.
    std::string compressor;                        ///< lzo zlib zstd none; empty: the usual one.
    std::string autoresize;                        ///< The volume that takes what is left.
    Location where;

    bool operator==(const Nand&) const = default;
};

struct Bootloader {
    std::string append;               ///< Further words of the kernel's command line.
    std::optional<unsigned> timeout;  ///< Seconds.
    std::string ptable;               ///< "gpt", "msdos" or empty.
    std::string location;             ///< "none": no boot loader.
    std::string default_kernel;       ///< --default: the package of the kernel to start first.
    std::string menus;                ///< --menus: entries of a live image's menu, as written.
    std::string password;             ///< For whoever wants to change an entry of the menu.
    bool crypted = false;             ///< --iscrypted: `password` is "grub.pbkdf2.…".
    bool no_mbr = false;              ///< --nombr: for UEFI only.
    Location where;

    bool operator==(const Bootloader&) const = default;
};

enum class RepositoryKind { unknown, deb, rpm_md };

/// `repo`, and the base one of `url`.
struct Repository {
    std::string name;   ///< "url" where a `url` line names it.
    bool base = false;  ///< Of `url`: the first of the list.
    std::string baseurl;
    std::string mirrorlist;
    RepositoryKind kind = RepositoryKind::unknown;  ///< --type; unknown: look and see.
    std::string suite;                              ///< --suite: "bookworm".
    std::vector<std::string> components;            ///< --components: "main", …
    std::string gpgkey;    ///< --gpgkey: path or URL; empty: the machine's own keys.
    bool gpgcheck = true;  ///< --no-gpgcheck: take it unsigned, and stamp the image so.
    std::string proxy;     ///< With its user and password, "http://user:password@host:port".
    std::string user;      ///< --user and --passwd: for the server.
    std::string password;
    std::optional<int> cost;      ///< dnf's: the cheapest that has a package is taken.
    std::optional<int> priority;  ///< 1 (first) to 99 (last).
    std::vector<std::string> include_packages;
    std::vector<std::string> exclude_packages;
    bool save = false;       ///< --save, --install: into the target's own configuration.
    bool disabled = false;   ///< --disable: saved, but not in use there.
    bool debuginfo = false;  ///< --debuginfo, with --save: and the one of debug packages.
    bool source = false;     ///< --source, with --save: and the one of source packages.
    Location where;

    bool operator==(const Repository&) const = default;
};

enum class PasswordKind { plain, crypted };

struct Password {
    std::string text;
    PasswordKind kind = PasswordKind::plain;
    bool locked = false;

    bool operator==(const Password&) const = default;
};

struct RootPassword {
    Password password;
    bool allow_ssh = false;  ///< --allow-ssh: root may log in over ssh with it.
    Location where;

    bool operator==(const RootPassword&) const = default;
};

struct Group {
    std::string name;
    std::optional<std::uint32_t> gid;
    Location where;

    bool operator==(const Group&) const = default;
};

/// `sshkey`: a line for the user's authorized_keys.
struct SshKey {
    std::string user;
    std::string key;  ///< "ssh-ed25519 AAAA… comment"
    Location where;

    bool operator==(const SshKey&) const = default;
};

struct User {
    std::string name;
    std::vector<std::string> groups;  ///< Each "NAME" or "NAME(GID)".
    Password password;                ///< Empty text and not locked: no password was given.
    std::string home;
    std::string shell;
    std::string gecos;
    std::optional<std::uint32_t> uid;
    std::optional<std::uint32_t> gid;
    Location where;

    bool operator==(const User&) const = default;
};

struct Lang {
    std::string locale;  ///< "de_DE.UTF-8"
    std::vector<std::string> additional;
    Location where;

    bool operator==(const Lang&) const = default;
};

struct Keyboard {
    std::string keymap;                  ///< --vckeymap, or the word alone.
    std::vector<std::string> x_layouts;  ///< --xlayouts
    std::vector<std::string> x_options;  ///< --switch: "grp:alt_shift_toggle"
    Location where;

    bool operator==(const Keyboard&) const = default;
};

struct Timezone {
    std::string zone;  ///< "Europe/Berlin"; empty: only --utc or a time source was said.
    bool utc = false;
    Location where;

    bool operator==(const Timezone&) const = default;
};

/// `timesource`, and the same of `timezone --ntpservers`: where the time comes from.
struct TimeSource {
    std::string host;
    bool pool = false;  ///< --ntp-pool: a name with many servers behind it.
    bool nts = false;   ///< Network Time Security (RFC 8915).
    Location where;

    bool operator==(const TimeSource&) const = default;
};

/// What a card is besides a card.
enum class NetworkKind { plain, bond, bridge, team, vlan, wireless };

struct Network {
    std::string hostname;
    std::string device;     ///< "eth0", "link", "bootif", a MAC address, or empty.
    std::string bootproto;  ///< dhcp, static, ibft; empty: none said.
    std::string ip, netmask, gateway;
    std::string ipv6;  ///< "auto", "dhcp", or an address with a prefix length.
    std::string ipv6_gateway;
    std::vector<std::string> nameservers;
    std::vector<std::string> search_domains;  ///< --ipv4-dns-search, --ipv6-dns-search
    bool ignore_auto_dns = false;             ///< --ipv[46]-ignore-auto-dns: what DHCP says of DNS.
    bool onboot = true;
    bool no_ipv4 = false;
    bool no_ipv6 = false;
    bool no_dns = false;            ///< --nodns: no DNS at all on this card.
    bool no_default_route = false;  ///< --nodefroute
    std::optional<unsigned> mtu;
    std::string dhcp_class;  ///< The vendor class that DHCP requests carry.
    std::string ethtool;     ///< Words for ethtool -s.
    NetworkKind kind = NetworkKind::plain;
    std::vector<std::string> members;  ///< The cards of a bond, bridge or team.
    std::vector<std::string> options;  ///< "mode=active-backup": of a bond or a bridge.
    std::optional<unsigned> vlan_id;   ///< Of NetworkKind::vlan, on `device`.
    std::string interface_name;        ///< --interfacename of a vlan; empty: "device.id".
    std::string essid, wep_key, wpa_key;
    Location where;

    bool operator==(const Network&) const = default;
};

/// `firewall`
struct Firewall {
    bool enabled = true;
    bool system_defaults = false;    ///< --use-system-defaults: leave it as packages set it up.
    std::vector<std::string> ports;  ///< "22:tcp", "1024-2000:udp"; the protocol is always there.
    std::vector<std::string> services;  ///< "ssh", as firewalld or /etc/services call them.
    std::vector<std::string> removed_services;
    std::vector<std::string> trusted;  ///< Cards from which all is let in.
    Location where;

    bool operator==(const Firewall&) const = default;
};

enum class SelinuxMode { enforcing, permissive, disabled };

struct Selinux {
    SelinuxMode mode = SelinuxMode::enforcing;
    Location where;

    bool operator==(const Selinux&) const = default;
};

/// `xconfig`, and `skipx`, which is one that says no.
struct XConfig {
    bool skip = false;            ///< `skipx`
    bool start_on_boot = false;   ///< --startxonboot: the graphical target is the default.
    std::string default_desktop;  ///< "GNOME", "KDE"
    Location where;

    bool operator==(const XConfig&) const = default;
};

/// `desktop`, which is MeeGo's.
struct Desktop {
    std::string default_desktop;
    std::string default_manager;  ///< --defaultdm
    std::string autologin_user;
    std::string session;
    Location where;

    bool operator==(const Desktop&) const = default;
};

enum class FirstBootMode { enable, disable, reconfig };

/// `firstboot`: does the system ask its questions at the first start?
struct FirstBoot {
    FirstBootMode mode = FirstBootMode::disable;
    Location where;

    bool operator==(const FirstBoot&) const = default;
};

/// `authselect`: the words for the program of that name.
struct Authselect {
    std::vector<std::string> words;
    Location where;

    bool operator==(const Authselect&) const = default;
};

/// `module`: a stream of packages.
struct Module {
    std::string name;
    std::string stream;
    bool disable = false;
    Location where;

    bool operator==(const Module&) const = default;
};

struct Services {
    std::vector<std::string> enabled;
    std::vector<std::string> disabled;
    Location where;

    bool operator==(const Services&) const = default;
};

struct PackageName {
    std::string text;  ///< Without the "-" or "@".
    Location where;

    bool operator==(const PackageName&) const = default;
};

/// Which of a group's packages: those it calls mandatory; also its defaults; all of them.
enum class GroupScope { mandatory, defaults, all };

struct PackageGroup {
    std::string text;  ///< Without the "@"; "^name" is an environment.
    GroupScope scope = GroupScope::defaults;
    Location where;

    bool operator==(const PackageGroup&) const = default;
};

/// `%packages` … `%end`, all of them taken together.
struct Packages {
    std::vector<PackageName> names;
    std::vector<PackageName> excluded;
    std::vector<PackageGroup> groups;
    std::vector<PackageName> excluded_groups;
    std::vector<PackageName> unread;  ///< Lines that are no name, as written: kept for print().
    std::vector<PackageName> first;   ///< `%prepackages`: installed before all others.
    bool exclude_docs = false;
    bool exclude_weakdeps = false;  ///< Recommends are not installed.
    bool no_core = false;           ///< --nocore
    bool ignore_missing = false;
    bool ignore_broken = false;
    bool multilib = false;
    /// --inst-langs: the locales whose translations are kept; an empty list keeps none.
    std::optional<std::vector<std::string>> languages;
    std::optional<Location> where;  ///< Of the first one.

    bool operator==(const Packages&) const = default;
};

enum class ScriptKind { pre, pre_install, post, on_error, traceback, pack };

struct Script {
    ScriptKind kind = ScriptKind::post;
    std::string body;
    std::string interpreter = "/bin/sh";
    std::string log;      ///< --log: a path inside the tree.
    bool in_tree = true;  ///< false: --nochroot.
    bool error_on_fail = false;
    Location where;  ///< Of the header; the body begins on the next line.

    bool operator==(const Script&) const = default;
};

/// `%certificate`: a file for the tree.
struct Certificate {
    std::string file_name;
    std::string folder;  ///< --dir; empty: where the tree keeps such ones.
    std::string type;    ///< "anchor": of an authority that is trusted.
    std::string body;
    Location where;

    bool operator==(const Certificate&) const = default;
};

/// `%attachment`: a path of the tree, or a package whose files are meant, to lie beside the image.
struct Attachment {
    std::string text;
    Location where;

    bool operator==(const Attachment&) const = default;
};

/// A command that does nothing to an image, or that IMG refuses: kept for print().
struct IdleCommand {
    std::vector<std::string> words;  ///< The first one is the command.
    Location where;

    bool operator==(const IdleCommand&) const = default;
};

/// A section that does nothing to an image: kept for print().
struct IdleSection {
    std::vector<std::string> words;  ///< Of its header: "%addon", "com_redhat_kdump", …
    std::string body;
    Location where;

    bool operator==(const IdleSection&) const = default;
};

struct Document {
    std::vector<Partition> partitions;
    std::optional<AutoPart> autopart;
    std::optional<ReqPart> reqpart;
    std::optional<ClearPart> clearpart;
    std::optional<Nand> nand;
    std::optional<Bootloader> bootloader;
    std::vector<Repository> repositories;  ///< `url` first, as it is the base.
    std::optional<RootPassword> root_password;
    std::vector<Group> groups;
    std::vector<User> users;
    std::vector<SshKey> ssh_keys;
    std::optional<Authselect> authselect;
    std::optional<Lang> lang;
    std::optional<Keyboard> keyboard;
    std::optional<Timezone> timezone;
    std::vector<TimeSource> time_sources;
    bool no_time_sources = false;  ///< timesource --ntp-disable, timezone --nontp
    std::vector<Network> networks;
    std::optional<Firewall> firewall;
    std::optional<Selinux> selinux;
    Services services;
    std::optional<XConfig> xconfig;
    std::optional<Desktop> desktop;
    std::optional<FirstBoot> firstboot;
    std::vector<std::string> installer_plugins;  ///< `installerfw_plugins`: what scripts do.
    std::vector<Module> modules;
    Packages packages;
    std::vector<Certificate> certificates;
    std::vector<Attachment> attachments;
    std::vector<Script> scripts;
    std::vector<IdleCommand> idle_commands;
    std::vector<IdleSection> idle_sections;

    bool operator==(const Document&) const = default;
};

}  // namespace img::kickstart
