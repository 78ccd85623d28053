// What a kickstart file says, as values: one struct a command, each with the line it came from.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace img::kickstart {

/// A place in the text, for diagnostics. Lines and columns count from 1; 0: from no line.
struct Location {
    std::string file;
    unsigned line = 0;
    unsigned column = 0;

    bool operator==(const Location&) const = default;
};

/// `part`, `partition`. Sizes are in MiB, as written.
struct Partition {
    std::string mount_point;  ///< "/", "/home", "swap", "biosboot", or empty.
    std::string fstype;  ///< ext2 ext3 ext4 vfat efi btrfs xfs swap biosboot; empty: the default.
    std::uint64_t size_mib = 0;
    std::optional<std::uint64_t> max_size_mib;
    bool grow = false;
    bool active = false;
    std::string disk;  ///< --ondisk; empty: the only one.
    std::string label;
    std::string uuid;
    std::string fsoptions;  ///< Mount options.
    std::string mkfsoptions;
    std::string part_type;  ///< GPT type GUID.
    std::optional<std::uint64_t> align_kib;
    Location where;

    bool operator==(const Partition&) const = default;
};

struct Bootloader {
    std::string append;               ///< Further words of the kernel's command line.
    std::optional<unsigned> timeout;  ///< Seconds.
    std::string ptable;               ///< "gpt", "msdos" or empty.
    std::string location;             ///< "none": no boot loader.
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
    std::string proxy;
    std::optional<int> cost;
    std::optional<int> priority;
    std::vector<std::string> include_packages;
    std::vector<std::string> exclude_packages;
    bool save = false;  ///< --save, --install: into the target's own configuration.
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
    Location where;

    bool operator==(const RootPassword&) const = default;
};

struct User {
    std::string name;
    std::vector<std::string> groups;
    Password password;  ///< Empty text and not locked: no password was given.
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
    Location where;

    bool operator==(const Keyboard&) const = default;
};

struct Timezone {
    std::string zone;  ///< "Europe/Berlin"
    bool utc = false;
    Location where;

    bool operator==(const Timezone&) const = default;
};

struct Network {
    std::string hostname;
    std::string device;
    std::string bootproto;  ///< dhcp, static; empty: none said.
    std::string ip, netmask, gateway;
    std::vector<std::string> nameservers;
    bool onboot = true;
    Location where;

    bool operator==(const Network&) const = default;
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

/// `%packages` … `%end`, all of them taken together.
struct Packages {
    std::vector<PackageName> names;
    std::vector<PackageName> excluded;
    std::vector<PackageName> groups;
    std::vector<PackageName> excluded_groups;
    bool exclude_docs = false;
    bool exclude_weakdeps = false;  ///< Recommends are not installed.
    bool no_core = false;           ///< --nocore
    bool ignore_missing = false;
    std::optional<Location> where;  ///< Of the first one.

    bool operator==(const Packages&) const = default;
};

enum class ScriptKind { pre, pre_install, post, on_error, traceback };

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

struct Document {
    std::vector<Partition> partitions;
    std::optional<Bootloader> bootloader;
    std::vector<Repository> repositories;  ///< `url` first, as it is the base.
    std::optional<RootPassword> root_password;
    std::vector<User> users;
    std::optional<Lang> lang;
    std::optional<Keyboard> keyboard;
    std::optional<Timezone> timezone;
    std::vector<Network> networks;
    Services services;
    Packages packages;
    std::vector<Script> scripts;

    bool operator==(const Document&) const = default;
};

}  // namespace img::kickstart
