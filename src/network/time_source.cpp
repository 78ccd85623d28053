#include "network/time_source.hpp"

#include "base/text.hpp"
#include "network/card.hpp"
#include "tree/place.hpp"
#include "tree/tree.hpp"
#include "tree/units.hpp"

#include <algorithm>
#include <optional>

namespace img::network {
namespace {

using tree::has_unit;
using tree::refuse;
using tree::Tree;

struct Daemon {
    std::string_view unit;  ///< Its being there tells that the program is.
    std::string_view config;
    bool knows_nts;
};

/// Debian's and RPM systems' names of each, the better ones first.
constexpr Daemon kDaemons[] = {
    {"chrony.service", "/etc/chrony/chrony.conf", true},
    {"chronyd.service", "/etc/chrony.conf", true},
    {"ntpsec.service", "/etc/ntpsec/ntp.conf", true},
    {"ntp.service", "/etc/ntp.conf", false},
    {"ntpd.service", "/etc/ntp.conf", false},
    {"systemd-timesyncd.service", "", false},
};

std::string timesyncd_file(std::span<const kickstart::TimeSource> sources) {
    std::vector<std::string> hosts;
    for (const auto& source : sources) {
        hosts.push_back(source.host);
    }
    return "[Time]\nNTP=" + join(hosts, " ") + "\n";
}

const Daemon* daemon_of(const Tree& tree) {
    const auto found = std::ranges::find_if(
        kDaemons, [&](const Daemon& daemon) { return has_unit(tree, daemon.unit); });
    return found == std::end(kDaemons) ? nullptr : found;
}

Result<void> check(const Daemon* daemon, std::span<const kickstart::TimeSource> sources) {
    for (const auto& source : sources) {
        const std::string what = "timesource " + source.host;
        if (!is_host_name(source.host) && !is_ip_address(source.host)) {
            return refuse(what, source.where, "neither the name of a host nor an IP address");
        }
        if (daemon == nullptr) {
            return refuse(what, source.where,
                          "the image has nothing that sets its clock; add systemd-timesyncd or "
                          "chrony to %packages");
        }
        if (source.nts && !daemon->knows_nts) {
            return refuse(
                what, source.where,
                fmt::format("the image's {} knows no NTS; add chrony to %packages", daemon->unit));
        }
    }
    return {};
}

}  // namespace

std::string with_time_sources(std::string_view old,
                              std::span<const kickstart::TimeSource> sources) {
    std::string text;
    for (const auto& source : sources) {
        text += fmt::format("{} {} iburst{}\n", source.pool ? "pool" : "server", source.host,
                            source.nts ? " nts" : "");
    }
    while (!old.empty()) {
        const auto end = old.find('\n');
        const auto line = old.substr(0, end);
        old = end == std::string_view::npos ? std::string_view() : old.substr(end + 1);
        const auto words = split(line, " \t");
        const bool is_source =
            !words.empty() && (words[0] == "server" || words[0] == "pool" || words[0] == "peer");
        if (!is_source) {
            text.append(line).append("\n");
        }
    }
    return text;
}

Result<kickstart::Services> set_time_sources(const Tree& tree,
                                             std::span<const kickstart::TimeSource> sources,
                                             bool none) {
    kickstart::Services services;
    const Daemon* daemon = daemon_of(tree);
    if (none) {
        for (const auto& one : kDaemons) {
            if (has_unit(tree, one.unit)) {
                services.disabled.emplace_back(one.unit);
            }
        }
        return services;
    }
    TRY(check(daemon, sources));
    if (sources.empty()) {
        return services;
    }
    if (daemon->config.empty()) {
        TRY(tree.write("/etc/systemd/timesyncd.conf.d/kickstart.conf", timesyncd_file(sources)));
    } else {
        const std::string old = TRY(tree.read_if_there(daemon->config));
        TRY(tree.write(daemon->config, with_time_sources(old, sources)));
    }
    services.enabled.emplace_back(daemon->unit);
    return services;
}

}  // namespace img::network
