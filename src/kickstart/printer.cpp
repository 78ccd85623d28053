#include "base/text.hpp"
#include "kickstart/kickstart.hpp"
#include "kickstart/quote.hpp"

#include <algorithm>
#include <fmt/format.h>
#include <span>

namespace img::kickstart {
namespace {

/// A line as it grows: each call adds one word where there is something to say.
class Line {
public:
    explicit Line(std::string_view command) : text_(command) {}

    Line& word(std::string_view word) {
        if (!word.empty()) {
            text_ += ' ' + as_word(word);
        }
        return *this;
    }
    Line& option(std::string_view name, std::string_view value) {
        if (!value.empty()) {
            text_ += fmt::format(" {}={}", name, as_word(value));
        }
        return *this;
    }
    template <typename Number>
    Line& option(std::string_view name, const std::optional<Number>& value) {
        return value ? option(name, std::to_string(*value)) : *this;
    }
    Line& option(std::string_view name, const std::vector<std::string>& values) {
        return option(name, join(values, ","));
    }
    Line& flag(std::string_view name, bool given) {
        if (given) {
            text_ += fmt::format(" {}", name);
        }
        return *this;
    }
    std::string text() const { return text_ + '\n'; }

private:
    std::string text_;
};

std::string_view kind_of(RepositoryKind kind) {
    switch (kind) {
        case RepositoryKind::unknown: return "";
        case RepositoryKind::deb: return "deb";
        case RepositoryKind::rpm_md: return "rpm-md";
    }
    return "";
}

std::string_view name_of(ScriptKind kind) {
    switch (kind) {
        case ScriptKind::pre: return "%pre";
        case ScriptKind::pre_install: return "%pre-install";
        case ScriptKind::post: return "%post";
        case ScriptKind::on_error: return "%onerror";
        case ScriptKind::traceback: return "%traceback";
        case ScriptKind::pack: return "%pack";
    }
    return "%post";
}

std::string print(const Lang& lang) {
    return Line("lang").word(lang.locale).option("--addsupport", lang.additional).text();
}

std::string print(const Keyboard& keyboard) {
    return Line("keyboard")
        .option("--vckeymap", keyboard.keymap)
        .option("--xlayouts", keyboard.x_layouts)
        .text();
}

std::string print(const Timezone& timezone) {
    return Line("timezone").word(timezone.zone).flag("--utc", timezone.utc).text();
}

std::string print(const Network& network) {
    return Line("network")
        .option("--hostname", network.hostname)
        .option("--device", network.device)
        .option("--bootproto", network.bootproto)
        .option("--ip", network.ip)
        .option("--netmask", network.netmask)
        .option("--gateway", network.gateway)
        .option("--nameserver", network.nameservers)
        .option("--onboot", network.onboot ? "" : "no")
        .text();
}

std::string print(const RootPassword& root) {
    Line line("rootpw");
    line.flag("--iscrypted", root.password.kind == PasswordKind::crypted)
        .flag("--lock", root.password.locked);
    if (root.password.text.starts_with('-')) {
        line.flag("--", true);
    }
    if (root.password.text.empty() && !root.password.locked) {
        line.flag("''", true);  // no password at all, which differs from none being said
    }
    return line.word(root.password.text).text();
}

std::string print(const User& user) {
    return Line("user")
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

/// Several lines, as a line has its bound and a list of services could pass it.
std::string print_services(std::string_view option, std::span<const std::string> names) {
    constexpr std::size_t kNamesInALine = 64;
    std::string text;
    while (!names.empty()) {
        const auto some = names.first(std::min(names.size(), kNamesInALine));
        text += Line("services").option(option, join(some, ",")).text();
        names = names.subspan(some.size());
    }
    return text;
}

std::string print(const Services& services) {
    return print_services("--enabled", services.enabled) +
           print_services("--disabled", services.disabled);
}

std::string print(const Bootloader& bootloader) {
    return Line("bootloader")
        .option("--location", bootloader.location)
        .option("--ptable", bootloader.ptable)
        .option("--timeout", bootloader.timeout)
        .option("--append", bootloader.append)
        .text();
}

std::string print(const Partition& part) {
    const auto size = part.size_mib == 0 ? std::nullopt : std::optional(part.size_mib);
    return Line("part")
        .word(part.mount_point)
        .option("--size", size)
        .flag("--grow", part.grow)
        .option("--maxsize", part.max_size_mib)
        .option("--fstype", part.fstype)
        .option("--ondisk", part.disk)
        .option("--label", part.label)
        .option("--uuid", part.uuid)
        .option("--fsoptions", part.fsoptions)
        .option("--mkfsoptions", part.mkfsoptions)
        .option("--part-type", part.part_type)
        .option("--align", part.align_kib)
        .flag("--active", part.active)
        .text();
}

std::string print(const Repository& repository) {
    Line line(repository.base ? "url" : "repo");
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
        .option("--cost", repository.cost)
        .option("--priority", repository.priority)
        .option("--includepkgs", repository.include_packages)
        .option("--excludepkgs", repository.exclude_packages)
        .flag("--save", repository.save)
        .text();
}

std::string print(const Packages& packages) {
    if (!packages.where && packages == Packages{}) {
        return {};
    }
    std::string text = '\n' + Line("%packages")
                                  .flag("--excludedocs", packages.exclude_docs)
                                  .flag("--exclude-weakdeps", packages.exclude_weakdeps)
                                  .flag("--nocore", packages.no_core)
                                  .flag("--ignoremissing", packages.ignore_missing)
                                  .text();
    const auto add = [&](std::string_view mark, const auto& names) {
        for (const auto& name : names) {
            text += fmt::format("{}{}\n", mark, name.text);
        }
    };
    add("@", packages.groups);
    add("", packages.names);
    add("-@", packages.excluded_groups);
    add("-", packages.excluded);
    return text + "%end\n";
}

std::string print(const Script& script) {
    return fmt::format(
        "\n{}{}%end\n",
        Line(name_of(script.kind))
            .flag("--nochroot", !script.in_tree)
            .flag("--erroronfail", script.error_on_fail)
            .option("--interpreter", script.interpreter == "/bin/sh" ? "" : script.interpreter)
            .option("--log", script.log)
            .text(),
        script.body);
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

}  // namespace

std::string print(const Document& document) {
    return print(document.lang) + print(document.keyboard) + print(document.timezone) +
           print(document.networks) + print(document.root_password) + print(document.users) +
           print(document.services) + print(document.bootloader) + print(document.partitions) +
           print(document.repositories) + print(document.packages) + print(document.scripts);
}

}  // namespace img::kickstart
