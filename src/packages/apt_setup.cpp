#include "packages/apt_setup.hpp"

#include "packages/apt_access.hpp"
#include "packages/apt_preferences.hpp"
#include "packages/apt_sources.hpp"
#include "packages/file_text.hpp"
#include "packages/repository_key.hpp"
#include "packages/repository_url.hpp"
#include "system/files.hpp"

#include <algorithm>
#include <fmt/format.h>

namespace img::packages {
namespace {

namespace fs = std::filesystem;
using system::Finished;

constexpr std::size_t kKeyMax = 4'000'000;  // bytes; Debian's own keyring has 60 KB

/// A machine need not have the folder.
std::vector<fs::path> names_in(const fs::path& folder) {
    return system::files_in(folder).value_or(std::vector<fs::path>{});
}

/// The machine's own passwords for its own mirrors: they are part of how those are reached.
std::vector<fs::path> machine_access() {
    std::vector<fs::path> files{"/etc/apt/auth.conf"};
    for (auto& file : names_in("/etc/apt/auth.conf.d")) {
        if (file.extension() == ".conf") {
            files.push_back(std::move(file));
        }
    }
    std::ranges::sort(files);
    return files;
}

/// The keys that the machine trusts for its own packages.
std::vector<fs::path> machine_keys() {
    std::vector<fs::path> keys = names_in("/etc/apt/trusted.gpg.d");
    const fs::path archive = "/usr/share/keyrings/debian-archive-keyring.gpg";
    if (system::exists(archive)) {
        keys.push_back(archive);
    }
    return keys;
}

/// Puts the key of a repository where apt can read it, under a name that says of which form it is.
Result<void> take_key(system::CommandRunner& runner,
                      const AptFolders& folders,
                      Repository& repository,
                      const fs::path& place) {
    const auto refuse = [&](Fault fault, std::string_view text) {
        return fail(fault, fmt::format("{}: the key of repository {}: {}", repository.origin,
                                       repository.name, text));
    };
    fs::path source = repository.keyring;
    if (TRY(is_fetched(repository))) {
        source = place;
        const auto url = TRY(parse_repository_url(repository.keyring)).plain();
        const Finished fetched = TRY(runner.finish(download_command(folders, url, place)));
        if (fetched.status != 0) {
            const bool gone = (fetched.output + fetched.tail).contains("404  Not Found");
            return refuse(gone ? Fault::missing : Fault::transient,
                          fmt::format("it cannot be fetched\n{}", fetched.tail));
        }
    }
    const std::string text = read_text(source, kKeyMax);
    if (text.empty()) {
        return refuse(Fault::missing, fmt::format("{} cannot be read", source.string()));
    }
    const auto suffix = key_suffix(text);
    if (!suffix) {
        return refuse(Fault::invalid, suffix.error().message);
    }
    repository.keyring = place.string() + *suffix;
    return system::write_file(repository.keyring, text);
}

}  // namespace

/// Writes the files that apt is to read, and fetches keys on the way: the proxies and passwords
/// for that are in those files.
Result<void> prepare_apt(system::CommandRunner& runner,
                         const AptFolders& folders,
                         const std::string& architecture,
                         std::vector<Repository>& repositories) {
    const fs::path& scratch = folders.scratch;
    const std::string machine = TRY(runner.run({.argv = {"apt-config", "dump"}, .captured = true}));
    const std::string transport = transport_settings(machine) + TRY(proxy_settings(repositories));
    constexpr mode_t kOwnersOnly = 0600;
    TRY(system::write_file(scratch / "apt.conf",
                           apt_configuration(folders, architecture, transport), kOwnersOnly));
    std::string access = access_list(repositories);
    for (const auto& file : machine_access()) {
        access += read_text(file) + "\n";
    }
    TRY(system::write_file(scratch / "auth.conf", access, kOwnersOnly));
    TRY(system::write_file(scratch / "status", ""));
    const std::string wishes = TRY(preferences(repositories));
    TRY(system::write_file(scratch / "preferences", wishes));
    TRY(system::make_folder(scratch / "keys"));
    for (const auto& key : machine_keys()) {
        std::error_code error;
        fs::copy_file(key, scratch / "keys" / key.filename(), error);
    }
    for (std::size_t i = 0; i < repositories.size(); ++i) {
        if (!repositories[i].keyring.empty()) {
            TRY(take_key(runner, folders, repositories[i],
                         scratch / fmt::format("repository-key-{}", i)));
        }
    }
    return system::write_file(scratch / "sources.list", sources_list(repositories));
}

}  // namespace img::packages
