#include "kickstart/address.hpp"
#include "kickstart/bounds.hpp"
#include "kickstart/command_table.hpp"
#include "kickstart/quote.hpp"
#include "kickstart/values.hpp"

#include <algorithm>
#include <array>

namespace img::kickstart {
namespace {

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

Result<int> parse_cost(std::string_view text) {
    return static_cast<int>(TRY(parse_number(text, 1'000'000)));
}

Result<int> parse_priority(std::string_view text) {
    const auto priority = static_cast<int>(TRY(parse_number(text, 99)));
    if (priority == 0) {
        return fail(Fault::invalid, "0 is no priority; use 1 (first) to 99 (last)");
    }
    return priority;
}

OptionTable<Repository> table_of(bool named) {
    static const std::string_view tls = "certificates are always checked";
    static const std::string_view client = "IMG shows no client certificate";
    OptionTable<Repository> table{
        takes<&Repository::mirrorlist, parse_url>("--mirrorlist"),
        takes<&Repository::kind, parse_kind>("--type"),
        takes<&Repository::suite, parse_suite>("--suite"),
        takes_list<&Repository::components, parse_component>("--components"),
        takes<&Repository::gpgkey, parse_key_location>("--gpgkey"),
        flag<&Repository::gpgcheck, false>("--no-gpgcheck"),
        takes<&Repository::proxy, parse_proxy>("--proxy", Takes::value),
        refused("--metalink", Takes::value, "IMG does not read metalinks; use --mirrorlist"),
        dropped("--noverifyssl", Takes::nothing, tls),
        dropped("--ssl_verify", Takes::value, tls),
        refused("--sslcacert", Takes::value, "IMG trusts the authorities of the machine"),
        refused("--sslclientcert", Takes::value, client),
        refused("--sslclientkey", Takes::value, client),
        takes_list<&Repository::include_packages, parse_package_name>("--includepkgs"),
        takes_list<&Repository::exclude_packages, parse_package_name>("--excludepkgs"),
    };
    if (!named) {
        table.add({takes<&Repository::baseurl, parse_url>("--url")});
        return table;
    }
    table.add({
        takes<&Repository::name, parse_repository_name>("--name"),
        takes<&Repository::baseurl, parse_url>("--baseurl"),
        takes<&Repository::cost, parse_cost>("--cost"),
        takes<&Repository::priority, parse_priority>("--priority"),
        flag<&Repository::save>("--save"),
        flag<&Repository::save>("--install"),
        ignored("--debuginfo", Takes::nothing, "the repository is used as it is"),
        ignored("--source", Takes::nothing, "the repository is used as it is"),
        ignored("--disable", Takes::nothing, "a saved repository is enabled"),
        ignored("--nocache", Takes::nothing, "lists of packages are always checked for newer ones"),
        ignored("--ignoregroups", Takes::value, "groups are read where there are some"),
        refused("--proxyuser", Takes::value, "write --proxy=http://user:password@host"),
        refused("--proxypasswd", Takes::value, "write --proxy=http://user:password@host"),
        refused("--user", Takes::value, "write --baseurl=https://user:password@host/…"),
        refused("--passwd", Takes::value, "write --baseurl=https://user:password@host/…"),
    });
    return table;
}

/// What options say about one another. `title` names the line in messages.
void check_repository(Repository& repository,
                      const Given& given,
                      std::string_view title,
                      Reporter& report) {
    const auto& where = repository.where;
    const std::string_view address = repository.base ? "--url" : "--baseurl";
    if (!given.has(address) && !given.has("--mirrorlist") && !given.has("--metalink")) {
        report.error(where, "{} needs {} or --mirrorlist", title, address);
    }
    if (given.has(address) && given.has("--mirrorlist")) {
        report.error(where, "{} has both {} and --mirrorlist; keep one", title, address);
    }
    if (given.has("--gpgkey") && !repository.gpgcheck) {
        report.error(where, "{} has both --gpgkey and --no-gpgcheck; keep one", title);
    }
    const bool deb = given.has("--suite") || given.has("--components");
    if (deb && repository.kind == RepositoryKind::rpm_md) {
        report.error(where, "{} has --type=rpm-md, which knows no --suite and no --components",
                     title);
    } else if (deb) {
        repository.kind = RepositoryKind::deb;
    }
    if (repository.kind == RepositoryKind::deb && !given.has("--suite")) {
        report.error(where, "{} is a Debian archive and needs --suite", title);
    }
}

void read_repo(const CommandLine& line, Reading& reading) {
    static const auto table = table_of(true);
    Repository repository;
    repository.where = line.where();
    const auto given = table.read(line, repository, reading.report);
    refuse_positionals(line, given, reading.report);
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
        reading.report.error(line.where(), "repo {} has the name of the url line; choose another",
                             repository.name);
    } else {
        reading.report.warning(line.where(),
                               "repo {} was named in line {} already; this one counts",
                               repository.name, same->where.line);
        *same = std::move(repository);
    }
}

void read_url(const CommandLine& line, Reading& reading) {
    static const auto table = table_of(false);
    Repository repository;
    repository.name = kBaseName;
    repository.base = true;
    repository.where = line.where();
    const auto given = table.read(line, repository, reading.report);
    refuse_positionals(line, given, reading.report);
    check_repository(repository, given, "url", reading.report);

    auto& all = reading.document.repositories;
    if (!all.empty() && all.front().base) {
        warn_of_replacement(line, all.front().where, reading.report);
        all.front() = std::move(repository);
        return;
    }
    if (const auto same = std::ranges::find(all, kBaseName, &Repository::name); same != all.end()) {
        reading.report.error(same->where, "repo {} has the name of the url line; choose another",
                             kBaseName);
    }
    if (has_room(all.size(), kRepositoriesMax, "repositories", line.where(), reading.report)) {
        all.insert(all.begin(), std::move(repository));
    }
}

constexpr std::string_view kOneSource = "packages come from the url and repo lines";

constexpr std::array<Command, 10> kCommands{{
    {"url", Effect::acts, read_url, {}},
    {"repo", Effect::acts, read_repo, {}},
    {"cdrom", Effect::none, nullptr, kOneSource},
    {"mediacheck", Effect::none, nullptr, kOneSource},
    {"harddrive", Effect::refused, nullptr, kOneSource},
    {"hmc", Effect::refused, nullptr, kOneSource},
    {"nfs", Effect::refused, nullptr, kOneSource},
    {"liveimg", Effect::refused, nullptr, kOneSource},
    {"ostreesetup", Effect::refused, nullptr, kOneSource},
    {"module", Effect::refused, nullptr, "IMG does not know module streams"},
}};

}  // namespace

std::span<const Command> repository_commands() {
    return kCommands;
}

}  // namespace img::kickstart
