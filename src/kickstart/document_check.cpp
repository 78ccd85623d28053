#include "kickstart/document_check.hpp"

#include "syntax/quote.hpp"

#include <algorithm>
#include <initializer_list>
#include <unordered_map>
#include <unordered_set>

namespace img::kickstart {
namespace {

using syntax::in_quotes;
using syntax::Reporter;
using syntax::Severity;

/// Reports each value that two partitions share.
void check_unique(const Document& document,
                  std::string Partition::* member,
                  std::string_view what,
                  Severity severity,
                  Reporter& report) {
    std::unordered_map<std::string_view, unsigned> lines;  // value → the line that said it first
    for (const auto& part : document.partitions) {
        const std::string& value = part.*member;
        if (value.empty() || value == "swap" || value == "biosboot") {
            continue;
        }
        const auto [first, is_new] = lines.emplace(value, part.where.line);
        if (is_new) {
            continue;
        }
        if (severity == Severity::refused) {
            report.refuse(part.where, "{} {} is already that of line {}", what, in_quotes(value),
                          first->second);
        } else {
            report.warning(part.where, "{} {} is already that of line {}", what, in_quotes(value),
                           first->second);
        }
    }
}

/// Whether a line of one of these commands does nothing: what it asks for has been spoken of.
bool has_idle(const Document& document, std::initializer_list<std::string_view> names) {
    return std::ranges::any_of(document.idle_commands, [&](const IdleCommand& command) {
        return std::ranges::find(names, command.words.front()) != names.end();
    });
}

void check_root(Document& document, const std::string& file, Reporter& report) {
    const auto& parts = document.partitions;
    const bool has_root = std::ranges::find(parts, "/", &Partition::mount_point) != parts.end();
    if (has_root && document.autopart) {
        report.warning(document.autopart->where,
                       "autopart has no effect, as there is a part line for /");
    } else if (has_idle(document, {"part", "partition", "logvol", "raid", "btrfs", "mount"})) {
        return;
    } else if (!has_root && !document.autopart && !parts.empty()) {
        report.refuse({.file = file, .line = 0, .column = 0},
                      "there is no root partition among the part lines; write part / --size=2048");
    } else if (!has_root && !document.autopart) {
        report.note({.file = file, .line = 0, .column = 0},
                    "there is no part line; an image gets one partition, as large as its "
                    "content asks for");
    }
}

void check_sources(const Document& document, const std::string& file, Reporter& report) {
    const Location nowhere{.file = file, .line = 0, .column = 0};
    if (document.repositories.empty() && !has_idle(document, {"repo", "url"})) {
        report.refuse(nowhere,
                      "there is no repository; write url --url=@DEBIAN_MIRROR@ --suite=bookworm "
                      "--components=main");
    }
    if (!document.packages.where) {
        report.note(nowhere, "there is no %packages; only what every image has is installed");
    }
}

void take_repetitions_out(std::vector<std::string>& names) {
    std::unordered_set<std::string> seen;
    std::erase_if(names, [&](const std::string& name) { return !seen.insert(name).second; });
}

void check_services(Services& services, Reporter& report) {
    take_repetitions_out(services.enabled);
    take_repetitions_out(services.disabled);
    const std::unordered_set<std::string_view> disabled(services.disabled.begin(),
                                                        services.disabled.end());
    for (const auto& name : services.enabled) {
        if (disabled.contains(name)) {
            report.refuse(services.where, "service {} is both enabled and disabled; keep one",
                          in_quotes(name));
        }
    }
}

void check_ssh_keys(const Document& document, Reporter& report) {
    std::unordered_set<std::string_view> users{"root"};
    for (const auto& user : document.users) {
        users.insert(user.name);
    }
    for (const auto& key : document.ssh_keys) {
        if (!key.user.empty() && !users.contains(key.user)) {
            report.warning(key.where,
                           "sshkey: there is no user line for {}; a package has to make that user",
                           in_quotes(key.user));
        }
    }
}

}  // namespace

void check_document(Document& document, const std::string& file, Reporter& report) {
    check_root(document, file, report);
    check_unique(document, &Partition::mount_point, "mount point", Severity::refused, report);
    check_unique(document, &Partition::uuid, "UUID", Severity::refused, report);
    check_unique(document, &Partition::label, "label", Severity::warning, report);
    check_sources(document, file, report);
    check_services(document.services, report);
    check_ssh_keys(document, report);
}

}  // namespace img::kickstart
