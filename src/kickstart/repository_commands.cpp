#include "base/text.hpp"
#include "kickstart/bounds.hpp"
#include "kickstart/command_table.hpp"
#include "syntax/address.hpp"
#include "syntax/quote.hpp"
#include "syntax/values.hpp"

#include <algorithm>
#include <array>

namespace img::kickstart {
namespace {

using syntax::in_quotes;
using syntax::parse_component;
using syntax::parse_key_location;
using syntax::parse_number;
using syntax::parse_package_name;
using syntax::parse_plain_name;
using syntax::parse_printable;
using syntax::parse_proxy;
using syntax::parse_repository_name;
using syntax::parse_suite;
using syntax::parse_url;

constexpr std::string_view kBaseName = "url";

Result<RepositoryKind> parse_kind(std::string_view text) {
    if (text == "deb") {
        return RepositoryKind::deb;
    }
    if (text == "rpm-md" || text == "rpm") {
        return RepositoryKind::rpm_md;
    }
    return fail(Fault::invalid,
                fmt::format("{} is no kind of repository; use deb or rpm-md", in_quotes(text)));
}

Result<std::optional<int>> parse_cost(std::string_view text) {
    const auto cost = TRY(parse_number(text, 1'000'000));
    return std::optional(static_cast<int>(cost));
}

Result<std::optional<int>> parse_priority(std::string_view text) {
    const auto priority = static_cast<int>(TRY(parse_number(text, 99)));
    if (priority == 0) {
        return fail(Fault::invalid, "0 is no priority; use 1 (first) to 99 (last)");
    }
    return std::optional(priority);
}

/// Of a user or a password: what an address holds in front of its "@".
Result<std::string> parse_credential(std::string_view text) {
    auto word = TRY(parse_printable(text));
    if (word.find_first_of("@:/ \"'\\") != std::string::npos) {
        return fail(Fault::invalid,
                    "a user or password for a server holds no blank, quote, @ : / or \\; write %40 "
                    "for @ and so on");
    }
    return word;
}

/// A `repo` or `url` line. Its proxy may be said in three words.
struct RepositoryLine {
    Repository repository;
    std::string proxy_user, proxy_password;
};

template <auto Member, auto Parse>
Result<void> set(RepositoryLine& line, std::string_view text) {
    line.repository.*Member = TRY(Parse(text));
    return {};
}

template <auto Member, auto Value = true>
Result<void> mark(RepositoryLine& line, std::string_view /*nothing*/) {
    line.repository.*Member = Value;
    return {};
}

template <auto Member, auto Parse>
Result<void> set_list(RepositoryLine& line, std::string_view text) {
    auto& list = line.repository.*Member;
    list.clear();
    for (const auto& word : split(text, ", \t")) {
        list.push_back(TRY(Parse(word)));
    }
    return {};
}

OptionTable<RepositoryLine> table_of(bool named) {
    static constexpr std::string_view kTls = "certificates are always checked";
    static constexpr std::string_view kClient = "IMG shows no client certificate";
    static constexpr std::string_view kMetalink = "IMG does not read metalinks; use --mirrorlist";
    static constexpr std::string_view kAuthorities = "IMG trusts the authorities of the machine";
    OptionTable<RepositoryLine> table{
        calls<set<&Repository::mirrorlist, parse_url>>("--mirrorlist=[URL]", named ? "" : "F18"),
        refused("--metalink=[URL]", kMetalink, "F27"),
        calls<set<&Repository::kind, parse_kind>>("--type=KIND", "IMG"),
        calls<set<&Repository::suite, parse_suite>>("--suite=NAME", "IMG"),
        calls<set_list<&Repository::components, parse_component>>("--components=[NAME,…]", "IMG"),
        calls<set<&Repository::gpgkey, parse_key_location>>("--gpgkey=FILE", named ? "mic" : "IMG"),
        calls<mark<&Repository::gpgcheck, false>>("--no-gpgcheck", "IMG"),
        calls<set<&Repository::proxy, parse_proxy>>("--proxy=[URL]", "F13"),
        dropped("--noverifyssl", kTls, "F14"),
        refused("--sslcacert=FILE", kAuthorities, "F30"),
        refused("--sslclientcert=FILE", kClient, "F30"),
        refused("--sslclientkey=FILE", kClient, "F30"),
        calls<set_list<&Repository::include_packages, parse_package_name>>("--includepkgs=[NAME,…]",
                                                                           named ? "F8" : "IMG"),
        calls<set_list<&Repository::exclude_packages, parse_package_name>>("--excludepkgs=[NAME,…]",
                                                                           named ? "F8" : "IMG"),
    };
    if (!named) {
        table.add({calls<set<&Repository::baseurl, parse_url>>("--url=[URL]")});
        return table;
    }
    table.add({
        calls<set<&Repository::name, parse_repository_name>>("--name=NAME"),
        calls<set<&Repository::baseurl, parse_url>>("--baseurl=[URL]"),
        calls<set<&Repository::cost, parse_cost>>("--cost=N", "F8"),
        calls<set<&Repository::priority, parse_priority>>("--priority=N", "mic"),
        calls<mark<&Repository::save>>("--save", "mic"),
        calls<mark<&Repository::save>>("--install", "F21"),
        calls<mark<&Repository::disabled>>("--disable", "mic"),
        calls<mark<&Repository::debuginfo>>("--debuginfo", "mic"),
        calls<mark<&Repository::source>>("--source", "mic"),
        takes<&RepositoryLine::proxy_user, parse_credential>("--proxyuser=NAME", "mic"),
        takes<&RepositoryLine::proxy_password, parse_credential>("--proxypasswd=TEXT", "mic"),
        calls<set<&Repository::user, parse_credential>>("--user=NAME", "mic"),
        calls<set<&Repository::password, parse_credential>>("--passwd=TEXT", "mic"),
        dropped("--ssl_verify={yes,no}", kTls, "mic"),
        ignored("--nocache", "lists of packages are always checked for newer ones", "mic"),
        ignored("--ignoregroups={yes,no,on,off,true,false,1,0}",
                "groups are read where there are some", "F11-F39"),
    });
    return table;
}

/// "http://host:port" and a user become one address.
void complete_proxy(RepositoryLine& line, Reporter& report) {
    std::string& proxy = line.repository.proxy;
    if (line.proxy_user.empty()) {
        return;
    }
    const auto host = proxy.find("://");
    if (host == std::string::npos) {
        report.refuse(line.repository.where, "repo {}: --proxyuser needs --proxy",
                      line.repository.name);
        return;
    }
    proxy.insert(
        host + 3,
        line.proxy_user + (line.proxy_password.empty() ? "" : ":" + line.proxy_password) + "@");
}

/// What options say about one another. `title` names the line in messages.
void check_repository(Repository& repository,
                      const Given& given,
                      std::string_view title,
                      Reporter& report) {
    const auto& where = repository.where;
    const std::string_view address = repository.base ? "--url" : "--baseurl";
    const int ways = (given.says(address) ? 1 : 0) + (given.says("--mirrorlist") ? 1 : 0) +
                     (given.says("--metalink") ? 1 : 0);
    if (ways == 0 && repository.base) {
        report.error(where, "{} needs {}, --mirrorlist or --metalink", title, address);
    } else if (ways == 0) {
        report.refuse(where, "{} needs {} or --mirrorlist", title, address);
    } else if (ways > 1) {
        report.error(where, "{} takes one of {}, --mirrorlist and --metalink", title, address);
    }
    if (given.has("--gpgkey") && !repository.gpgcheck) {
        report.refuse(where, "{} has both --gpgkey and --no-gpgcheck; keep one", title);
    }
    const bool deb = given.has("--suite") || given.has("--components");
    if (deb && repository.kind == RepositoryKind::rpm_md) {
        report.refuse(where, "{} has --type=rpm-md, which knows no --suite and no --components",
                      title);
    } else if (deb) {
        repository.kind = RepositoryKind::deb;
    }
    if (repository.kind == RepositoryKind::deb && !given.has("--suite")) {
        report.refuse(where, "{} is a Debian archive and needs --suite", title);
    }
    if (!repository.save && (repository.disabled || repository.debuginfo || repository.source)) {
        report.warning(where,
                       "{}: --disable, --debuginfo and --source are about the saved "
                       "repository; without --save they have no effect",
                       title);
    }
}

const OptionTable<RepositoryLine>& repo_options() {
    static const auto table = table_of(true);
    return table;
}

const OptionTable<RepositoryLine>& url_options() {
    static const auto table = table_of(false);
    return table;
}

void read_repo(const CommandLine& line, Reading& reading) {
    RepositoryLine said;
    Repository& repository = said.repository;
    repository.where = line.where();
    const auto given = repo_options().read(line, said, reading.report);
    refuse_positionals(line, given, reading.report);
    complete_proxy(said, reading.report);
    if (!given.has("--name")) {
        reading.report.error(line.where(), "repo needs --name");
    }
    check_repository(repository, given, fmt::format("repo {}", repository.name), reading.report);

    auto& all = reading.document.repositories;
    if (!has_room(all.size(), kRepositoriesMax, "repositories", line.where(), reading.report)) {
        return;
    }
    const auto same = std::ranges::find(all, repository.name, &Repository::name);
    if (same == all.end() || repository.name.empty()) {
        all.push_back(std::move(repository));
    } else if (same->base) {
        reading.report.refuse(line.where(), "repo {} has the name of the url line; choose another",
                              repository.name);
    } else {
        reading.report.warning(line.where(),
                               "repo {} was named in line {} already; this one counts",
                               repository.name, same->where.line);
        *same = std::move(repository);
    }
}

void read_url(const CommandLine& line, Reading& reading) {
    RepositoryLine said;
    Repository& repository = said.repository;
    repository.name = kBaseName;
    repository.base = true;
    repository.where = line.where();
    const auto given = url_options().read(line, said, reading.report);
    refuse_positionals(line, given, reading.report);
    check_repository(repository, given, "url", reading.report);

    auto& all = reading.document.repositories;
    if (!all.empty() && all.front().base) {
        warn_of_replacement(line, all.front().where, reading.report);
        all.front() = std::move(repository);
        return;
    }
    if (const auto same = std::ranges::find(all, kBaseName, &Repository::name); same != all.end()) {
        reading.report.refuse(same->where, "repo {} has the name of the url line; choose another",
                              kBaseName);
    }
    if (has_room(all.size(), kRepositoriesMax, "repositories", line.where(), reading.report)) {
        all.insert(all.begin(), std::move(repository));
    }
}

const OptionTable<Module>& module_options() {
    static const OptionTable<Module> table{
        takes<&Module::name, parse_plain_name>("--name=NAME"),
        takes<&Module::stream, parse_plain_name>("--stream=[NAME]"),
        flag<&Module::disable>("--disable", "F31"),
    };
    return table;
}

void read_module(const CommandLine& line, Reading& reading) {
    Module module;
    module.where = line.where();
    const auto given = module_options().read(line, module, reading.report);
    refuse_positionals(line, given, reading.report);
    if (!given.has("--name")) {
        reading.report.error(line.where(), "module needs --name");
    }
    auto& all = reading.document.modules;
    if (has_room(all.size(), kModulesMax, "modules", line.where(), reading.report)) {
        all.push_back(std::move(module));
    }
}

constexpr std::array<Command, 3> kCommands{{
    {.name = "url",
     .history = "FC3",
     .note = "the repository that the system comes from",
     .read = read_url,
     .rows = [] { return url_options().rows(); }},
    {.name = "repo",
     .history = "FC6",
     .note = "a further repository",
     .read = read_repo,
     .rows = [] { return repo_options().rows(); }},
    {.name = "module",
     .history = "F29-F44",
     .note = "which stream of packages an RPM system takes, also for later updates",
     .read = read_module,
     .rows = [] { return module_options().rows(); }},
}};

}  // namespace

std::span<const Command> repository_commands() {
    return kCommands;
}

}  // namespace img::kickstart
