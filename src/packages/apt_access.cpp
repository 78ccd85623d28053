#include "packages/apt_access.hpp"

#include "packages/repository_url.hpp"

#include <algorithm>
#include <fmt/format.h>
#include <map>

namespace img::packages {
namespace {

bool is_remote(const RepositoryUrl& url) {
    return url.scheme == "http" || url.scheme == "https";
}

/// Where requests for a repository go: its own URL, its list of mirrors, its key.
std::vector<RepositoryUrl> remote_urls(const Repository& repository) {
    std::vector<RepositoryUrl> urls;
    for (const auto* text : {&repository.url, &repository.mirrorlist, &repository.keyring}) {
        if (auto url = parse_repository_url(*text); url && is_remote(*url)) {
            urls.push_back(std::move(*url));
        }
    }
    return urls;
}

struct Entry {
    std::string machine;  ///< With the scheme: apt gives no password to plain http without.
    std::string user, password;
};

}  // namespace

std::string access_list(const std::vector<Repository>& repositories) {
    std::vector<Entry> entries;
    for (const auto& repository : repositories) {
        const auto server = parse_repository_url(
            repository.mirrorlist.empty() ? repository.url : repository.mirrorlist);
        for (const auto& url : remote_urls(repository)) {
            // The key of another host is not to be asked for with the repository's password.
            const bool same_host = server && url.authority() == server->authority();
            const bool own = !url.user.empty();
            if (own || (same_host && !repository.user.empty())) {
                entries.push_back({fmt::format("{}://{}{}", url.scheme, url.authority(), url.path),
                                   own ? url.user : repository.user,
                                   own ? url.password : repository.password});
            }
        }
    }
    std::ranges::stable_sort(entries, std::ranges::greater(),
                             [](const Entry& entry) { return entry.machine.size(); });
    std::string text;
    for (const auto& [machine, user, password] : entries) {
        text += fmt::format("machine {} login {} password {}\n", machine, user, password);
    }
    return text;
}

Result<std::string> proxy_settings(const std::vector<Repository>& repositories) {
    std::map<std::string, std::string> proxies;  // "http::Proxy::host": proxy
    for (const auto& repository : repositories) {
        for (const auto& url : remote_urls(repository)) {
            const std::string option = fmt::format("{}::Proxy::{}", url.scheme, url.host);
            const auto [it, fresh] = proxies.emplace(option, repository.proxy);
            if (!fresh && it->second != repository.proxy) {
                return fail(Fault::invalid,
                            fmt::format("{}: repository {}: another repository reaches {} through "
                                        "another proxy or none; give both the same",
                                        repository.origin, repository.name, url.host));
            }
        }
    }
    for (const auto& repository : repositories) {
        if (repository.mirrorlist.empty() || repository.proxy.empty()) {
            continue;
        }
        if (std::ranges::any_of(repositories, [&](const Repository& other) {
                return other.proxy != repository.proxy && !remote_urls(other).empty();
            })) {
            return fail(Fault::invalid,
                        fmt::format("{}: repository {}: its mirrors can be any host, so its proxy "
                                    "has to be that of all other repositories too",
                                    repository.origin, repository.name));
        }
        proxies["http::Proxy"] = repository.proxy;
        proxies["https::Proxy"] = repository.proxy;
    }
    std::string text;
    for (const auto& [option, proxy] : proxies) {
        if (!proxy.empty()) {
            text += fmt::format("Acquire::{} \"{}\";\n", option, proxy);
        }
    }
    return text;
}

}  // namespace img::packages
