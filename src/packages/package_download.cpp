#include "packages/package_download.hpp"

#include "packages/apt_answers.hpp"
#include "packages/apt_sources.hpp"
#include "packages/file_text.hpp"
#include "packages/mirror_list.hpp"

#include <algorithm>
#include <fmt/format.h>
#include <map>

namespace img::packages {
namespace {

using system::Finished;
namespace fs = std::filesystem;

/// apt-helper fetches from servers only, so lists of mirrors are read here.
Result<std::vector<std::string>> mirrors(system::CommandRunner& runner,
                                         const AptFolders& folders,
                                         const Repository& repository) {
    const fs::path file = folders.scratch / "mirrors";
    const std::string list = apt_uri(repository).substr(std::string_view("mirror+").size());
    const Finished fetched = TRY(runner.finish(download_command(folders, list, file)));
    const auto found = read_mirrors(read_text(file));
    if (fetched.status != 0 || found.empty()) {
        return fail(Fault::transient, fmt::format("{}: the mirror list of repository {} names no "
                                                  "http or https mirror, or cannot be fetched",
                                                  repository.origin, repository.name));
    }
    return found;
}

}  // namespace

Result<void> download_packages(system::CommandRunner& runner,
                               const AptFolders& folders,
                               const std::vector<Repository>& repositories,
                               const std::vector<Package>& batch) {
    std::map<std::string, std::vector<std::string>> lists;  // "mirror+https://…": its mirrors
    std::size_t tries = 1;
    for (const auto& repository : repositories) {
        const std::string uri = apt_uri(repository);
        const bool used = std::ranges::any_of(
            batch, [&](const Package& package) { return package.url.starts_with(uri); });
        if (uri.starts_with("mirror+") && used) {
            lists[uri] = TRY(mirrors(runner, folders, repository));
            tries = std::max(tries, lists[uri].size());
        }
    }
    std::vector<Package> offered = batch;
    Finished fetched;
    for (std::size_t turn = 0; turn < tries; ++turn) {
        for (const auto& [list, hosts] : lists) {
            for (std::size_t i = 0; i < batch.size(); ++i) {
                if (batch[i].url.starts_with(list)) {
                    offered[i].url = on_mirror(batch[i].url, list, hosts[turn % hosts.size()]);
                }
            }
        }
        fetched = TRY(runner.finish(fetch_command(folders, offered)));
        if (fetched.status == 0) {
            return {};
        }
    }
    return std::unexpected(explain_fetch(fetched.output + "\n" + fetched.tail));
}

}  // namespace img::packages
