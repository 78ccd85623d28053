#include "packages/apt_preferences.hpp"

#include "base/text.hpp"
#include "packages/apt_sources.hpp"
#include "packages/repository_url.hpp"

#include <algorithm>
#include <fmt/format.h>

namespace img::packages {
namespace {

constexpr int kUsualPriority = 500;  // apt's, of a repository that nothing is said about
constexpr int kNever = -1;

bool filters(const Repository& repository) {
    return !repository.include_packages.empty() || !repository.exclude_packages.empty();
}

/// 599 for the first to 502. The last, 99, is what dnf gives to a repository without a priority:
/// they are equal, and so both have apt's usual one.
int pin_priority(const Repository& repository) {
    const int priority = repository.priority.value_or(99);
    return priority == 99 ? kUsualPriority : 600 - priority;
}

std::string host_of(const Repository& repository) {
    const auto url = parse_repository_url(apt_uri(repository));
    return url ? url->host : "";
}

/// How apt can be told which repository is meant, a way a line; empty: it cannot.
std::vector<std::string> pins(const Repository& repository, const std::vector<Repository>& all) {
    const auto alone = [&](auto property) {
        return std::ranges::count(all, property(repository), property) == 1;
    };
    if (alone(host_of)) {
        return {fmt::format("origin \"{}\"", host_of(repository))};
    }
    if (alone([](const Repository& one) { return one.suite; })) {
        // A suite is called by its code name, "bookworm", or by what it is now, "stable".
        return {"release n=" + repository.suite, "release a=" + repository.suite};
    }
    return {};
}

std::string records(const std::string& names, const std::vector<std::string>& ways, int priority) {
    std::string text;
    for (const auto& pin : ways) {
        text += fmt::format("Package: {}\nPin: {}\nPin-Priority: {}\n\n", names, pin, priority);
    }
    return text;
}

}  // namespace

/// The first record that fits a version counts, and those that name packages before those that do
/// not. A version that two repositories have is one to apt: where one of them excludes it, the
/// other one's right to it has to be said first.
Result<std::string> preferences(const std::vector<Repository>& repositories) {
    std::string named;
    std::string general;
    for (const auto& repository : repositories) {
        const auto ways = pins(repository, repositories);
        const int priority = pin_priority(repository);
        if (!filters(repository) && priority == kUsualPriority) {
            continue;
        }
        if (ways.empty()) {
            return fail(Fault::invalid,
                        fmt::format("{}: repository {}: another repository has the same host, and "
                                    "one has the same suite {}, so that apt cannot tell them "
                                    "apart; its packages cannot be included, excluded or preferred",
                                    repository.origin, repository.name, repository.suite));
        }
        if (!repository.exclude_packages.empty()) {
            const std::string names = join(repository.exclude_packages, " ");
            for (const auto& other : repositories) {
                if (!filters(other) && &other != &repository) {
                    named += records(names, pins(other, repositories), pin_priority(other));
                }
            }
            named += records(names, ways, kNever);
        }
        if (!repository.include_packages.empty()) {
            named += records(join(repository.include_packages, " "), ways, priority);
            general += records("*", ways, kNever);
        } else if (priority != kUsualPriority) {
            general += records("*", ways, priority);
        }
    }
    return named + general;
}

}  // namespace img::packages
