#include "packages/apt_sources.hpp"

#include "base/text.hpp"

#include <algorithm>
#include <fmt/format.h>
#include <set>

namespace img::packages {
namespace {

constexpr int kUsualCost = 1000;  // dnf's

std::string line(const char* type, const Repository& repository, const std::string& key) {
    const std::string options = !repository.verified ? " [trusted=yes]"
                                : !key.empty()       ? fmt::format(" [signed-by={}]", key)
                                                     : "";
    return fmt::format("{}{} {} {} {}\n", type, options, apt_uri(repository), repository.suite,
                       join(repository.components, " "));
}

/// apt reads files of letters, digits and -_. only; none may be hidden or lead elsewhere.
std::string file_name(const std::string& name) {
    std::string safe;
    for (const char c : name) {
        const bool kept = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
                          (c >= '0' && c <= '9') || c == '_' || c == '.';
        safe += kept ? c : '-';
    }
    safe.erase(0, safe.find_first_not_of(".-"));
    safe.resize(std::min<std::size_t>(safe.size(), 100));
    return safe.empty() ? "repository" : safe;
}

}  // namespace

std::string apt_uri(const Repository& repository) {
    return repository.mirrorlist.empty() ? repository.url : "mirror+" + repository.mirrorlist;
}

std::string sources_list(std::vector<Repository> repositories) {
    std::ranges::stable_sort(repositories, {}, [](const Repository& repository) {
        return repository.cost.value_or(kUsualCost);
    });
    std::string text;
    for (const auto& repository : repositories) {
        text += line("deb", repository, repository.keyring);
    }
    return text;
}

std::string saved_lines(const Repository& repository, const std::string& key) {
    const std::string mark = repository.disabled ? "# " : "";
    std::string text = mark + line("deb", repository, key);
    if (repository.source) {
        text += mark + line("deb-src", repository, key);
    }
    return text;
}

std::vector<std::string> file_names(const std::vector<Repository>& repositories) {
    std::vector<std::string> names;
    std::set<std::string> taken;
    for (const auto& repository : repositories) {
        const std::string name = file_name(repository.name);
        std::string free = name;
        for (int i = 2; !taken.insert(free).second; ++i) {
            free = fmt::format("{}-{}", name, i);
        }
        names.push_back(std::move(free));
    }
    return names;
}

}  // namespace img::packages
