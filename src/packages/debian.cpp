// Debian archives: apt-get solves, a cache keeps, dpkg installs.
#include "base/digest.hpp"
#include "base/text.hpp"
#include "packages/apt.hpp"
#include "packages/apt_answers.hpp"
#include "packages/apt_preferences.hpp"
#include "packages/apt_setup.hpp"
#include "packages/apt_sources.hpp"
#include "packages/deb_file.hpp"
#include "packages/dpkg.hpp"
#include "packages/file_text.hpp"
#include "packages/forced_install.hpp"
#include "packages/package_cache.hpp"
#include "packages/package_download.hpp"
#include "packages/packages.hpp"
#include "packages/repository_rules.hpp"
#include "packages/saved_repositories.hpp"
#include "system/beneath.hpp"
#include "system/file_lock.hpp"
#include "system/files.hpp"

#include <algorithm>
#include <atomic>
#include <fmt/format.h>
#include <future>
#include <optional>
#include <thread>

namespace img::packages {
namespace {

namespace fs = std::filesystem;
using system::Finished;

constexpr std::size_t kBatch = 32;  // packages a download call: their progress is seen

class DebianPackages : public PackageSystem {
public:
    DebianPackages(std::vector<Repository> repositories, PackageSystemOptions options)
        : repositories_(std::move(repositories)),
          options_(std::move(options)),
          folders_{options_.scratch, {}},
          cache_(options_.cache / "packages"),
          runner_([this](std::string_view line) { take_line(line); },
                  options_.stop,
                  {system::source_date_epoch(options_.epoch)}) {}

    Result<void> refresh() override;
    Result<Solution> solve(const Selection& selection) override;
    Result<void> fetch(const Solution& solution, const Progress& progress) override;
    Result<void> install(const Solution& solution,
                         const fs::path& tree,
                         const InstallOptions& options,
                         const Progress& progress) override;
    Result<std::vector<InstalledPackage>> installed(const fs::path& tree, bool details) override;

private:
    void take_line(std::string_view line);
    Result<Finished> ask(const char* program, std::vector<std::string> arguments);
    Result<std::string> solution_key(const std::vector<std::string>& words,
                                     bool weak_dependencies) const;
    Result<bool> archive_has(const std::string& name);
    Result<Finished> solve_words(Selection selection, bool merged_usr);
    Result<void> add_to_cache(std::vector<Package> batch);
    Result<void> save(const fs::path& tree);

    std::vector<Repository> repositories_;
    PackageSystemOptions options_;
    std::string preferences_;
    std::string sources_;  ///< All that decides which indices there are, and what they offer.
    AptFolders folders_;
    PackageCache cache_;
    std::function<void(std::string_view)> watch_line_;  ///< Progress is read off the log.
    std::optional<ForcedInstall> forced_;               ///< While install() runs.
    system::ProcessRunner runner_;
    std::optional<system::FileLock> lists_lock_;  ///< From refresh() until solve() has read them.
};

void DebianPackages::take_line(std::string_view line) {
    if (options_.log && !(forced_ && forced_->hides(line))) {
        options_.log(line);
    }
    if (watch_line_) {
        watch_line_(line);
    }
}

Result<Finished> DebianPackages::ask(const char* program, std::vector<std::string> arguments) {
    arguments.insert(arguments.begin(), program);
    return runner_.finish(
        {.argv = std::move(arguments),
         .environment = {"APT_CONFIG=" + (folders_.scratch / "apt.conf").string()},
         .captured = true});
}

Result<void> DebianPackages::refresh() {
    repositories_ = TRY(checked(std::move(repositories_)));
    preferences_ = TRY(preferences(repositories_));
    sources_ = sources_list(repositories_);  // keys by the names they were given
    Sha256 key;
    key.add_field(sources_);
    key.add_field(options_.architecture);
    for (const auto& repository : repositories_) {
        key.add_field(repository.user);  // a server may show each something else
    }
    folders_.lists = options_.cache / "lists" / key.hex();
    for (const fs::path& folder :
         {folders_.lists / "partial", folders_.scratch / "cache/archives/partial",
          folders_.scratch / "downloads", options_.cache / "solutions"}) {
        TRY(system::make_folder(folder));
    }
    lists_lock_ = TRY(system::FileLock::take(folders_.lists / "img.lock"));
    TRY(prepare_apt(runner_, folders_, options_.architecture, repositories_));
    const Finished updated = TRY(runner_.finish(update_command(folders_)));
    if (updated.status != 0) {
        return std::unexpected(explain_update(updated.tail, repositories_));
    }
    return {};
}

/// The same indices, words and architecture: the same answer.
Result<std::string> DebianPackages::solution_key(const std::vector<std::string>& words,
                                                 bool weak_dependencies) const {
    std::vector<fs::path> releases;
    for (auto& file : TRY(system::files_in(folders_.lists))) {
        if (file.filename().string().ends_with("Release")) {
            releases.push_back(std::move(file));
        }
    }
    Sha256 key;
    key.add_field("apt solution 2");
    key.add_field(options_.architecture);
    key.add_field(sources_);
    key.add_field(preferences_);
    key.add_field(weak_dependencies ? "weak" : "strong");
    for (const auto& release : releases) {
        key.add_field(read_text(release));
    }
    for (const auto& word : words) {
        key.add_field(word);
    }
    return key.hex();
}

Result<bool> DebianPackages::archive_has(const std::string& name) {
    const Finished found = TRY(ask("apt-cache", {"pkgnames", "--", name}));
    const auto names = split(found.output, "\n");
    return std::ranges::find(names, name) != names.end();
}

Result<Finished> DebianPackages::solve_words(Selection selection, bool merged_usr) {
    Finished answer;
    for (int tries = 0; tries < 2; ++tries) {
        answer = TRY(runner_.finish(solve_command(
            folders_, install_arguments(selection, merged_usr), selection.weak_dependencies)));
        const std::string said = answer.output + "\n" + answer.tail;
        const auto unknown = unknown_names(said, selection);
        if (answer.status == 0 || unknown.empty()) {
            break;
        }
        if (!selection.ignore_missing) {
            const Finished known = TRY(ask("apt-cache", {"pkgnames"}));
            return std::unexpected(explain_unknown(unknown, split(known.output, "\n")));
        }
        for (auto* list :
             {&selection.names, &selection.first, &selection.groups, &selection.excluded}) {
            std::erase_if(*list, [&](const Asked& asked) {
                return std::ranges::any_of(
                    unknown, [&](const Asked& missing) { return missing.name == asked.name; });
            });
        }
        for (const auto& missing : unknown) {
            take_line(fmt::format("{}: skipping '{}', which no repository has (--ignoremissing)",
                                  missing.origin, missing.name));
        }
    }
    if (answer.status != 0) {
        std::vector<std::string> query{"depends",       "--recurse",      "--no-recommends",
                                       "--no-suggests", "--no-conflicts", "--no-breaks",
                                       "--no-replaces", "--no-enhances",  "--"};
        for (const auto* list : {&selection.names, &selection.first}) {
            for (const auto& asked : *list) {
                query.push_back(asked.name);
            }
        }
        const Finished depends = TRY(ask("apt-cache", std::move(query)));
        return std::unexpected(
            explain_conflict(answer.output + "\n" + answer.tail, selection, depends.output));
    }
    return answer;
}

Result<Solution> DebianPackages::solve(const Selection& selection) {
    // The words without what is in the archive only; whether usr-is-merged is, the indices say.
    auto words = install_arguments(selection, false);
    words.emplace_back(selection.ignore_missing ? "ignore-missing" : "");
    const std::string key = TRY(solution_key(words, selection.weak_dependencies));
    const fs::path remembered = options_.cache / "solutions" / key;
    std::string text = read_text(remembered);
    Solution solution{.packages = {}, .remembered = !text.empty(), .first = {}};
    for (const auto& asked : selection.first) {
        solution.first.push_back(asked.name);
    }
    if (text.empty()) {
        const bool merged = TRY(archive_has("usr-is-merged"));
        text = TRY(solve_words(selection, merged)).output;
        const fs::path partial = fs::path(remembered).concat(fmt::format(".{}", ::getpid()));
        TRY(system::write_file(partial, text));
        std::error_code error;
        fs::rename(partial, remembered, error);
    }
    lists_lock_.reset();
    solution.packages = TRY(read_solution(text));
    if (solution.packages.empty()) {
        std::error_code error;
        fs::remove(remembered, error);
        return fail(Fault::broken, "the repositories gave no packages at all");
    }
    return solution;
}

/// Checks and decompresses downloads on all cores.
Result<void> DebianPackages::add_to_cache(std::vector<Package> batch) {
    std::atomic<std::size_t> next = 0;
    std::mutex mutex;
    Result<void> outcome;
    {
        std::vector<std::jthread> threads;
        for (unsigned i = 0; i < std::max(1U, std::thread::hardware_concurrency()); ++i) {
            threads.emplace_back([&] {
                for (std::size_t at = next++; at < batch.size(); at = next++) {
                    const fs::path download = folders_.scratch / "downloads" / batch[at].sha256;
                    auto added = cache_.add(download, batch[at].sha256);
                    std::error_code error;
                    fs::remove(download, error);
                    if (!added) {
                        const std::scoped_lock lock(mutex);
                        outcome = std::move(added);
                    }
                }
            });
        }
    }
    return outcome;
}

Result<void> DebianPackages::fetch(const Solution& solution, const Progress& progress) {
    std::vector<Package> missing;
    for (const auto& package : solution.packages) {
        if (!cache_.has(package.sha256)) {
            missing.push_back(package);
        }
    }
    const std::uint64_t total = solution.packages.size();
    std::uint64_t done = total - missing.size();
    progress(done, total,
             missing.empty()
                 ? "all in the package cache"
                 : fmt::format("fetching {} packages, {} are in the cache", missing.size(), done));
    // While one batch is decompressed, the next is on its way.
    std::future<Result<void>> adding;
    for (std::size_t at = 0; at < missing.size(); at += kBatch) {
        const auto end = std::min(missing.size(), at + kBatch);
        std::vector<Package> batch(missing.begin() + static_cast<std::ptrdiff_t>(at),
                                   missing.begin() + static_cast<std::ptrdiff_t>(end));
        TRY(download_packages(runner_, folders_, repositories_, batch));
        if (adding.valid()) {
            TRY(adding.get());
        }
        done += batch.size();
        progress(done, total, fmt::format("fetched {}", batch.back().name));
        adding = std::async(std::launch::async, [this, batch = std::move(batch)]() mutable {
            return add_to_cache(std::move(batch));
        });
    }
    return adding.valid() ? adding.get() : Result<void>();
}

Result<void> DebianPackages::install(const Solution& solution,
                                     const fs::path& tree,
                                     const InstallOptions& options,
                                     const Progress& progress) {
    std::vector<PackageFile> files;
    for (const auto& package : solution.packages) {
        const fs::path file = cache_.path(package.sha256);
        DebControl control = TRY(read_control(file));
        files.push_back({std::move(control), file});
    }
    // Each package is unpacked and set up; the essential ones are unpacked a second time by dpkg.
    const std::uint64_t total = 2 * files.size();
    std::uint64_t done = 0;
    watch_line_ = [&](std::string_view line) {
        if (line.starts_with("Unpacking ") || line.starts_with("Setting up ")) {
            done = std::min(done + 1, total);
            progress(done / 2, total / 2, std::string(line));
        }
    };
    forced_.emplace();
    auto installed =
        install_packages(runner_, {files, solution.first, cache_.folder()}, tree, options);
    forced_.reset();
    watch_line_ = {};
    TRY(std::move(installed));
    return save(tree);
}

/// What the tree keeps, and what of it needs a word to the reader of the log.
Result<void> DebianPackages::save(const fs::path& tree) {
    std::vector<SavedRepository> saved;
    for (const auto& repository : repositories_) {
        if (!repository.saved) {
            continue;
        }
        if (repository.debuginfo) {
            take_line(
                fmt::format("{}: repository {}: --debuginfo saves nothing, as Debian keeps "
                            "debug symbols in an archive of their own; name it with a repo "
                            "line, --suite={}-debug and --save",
                            repository.origin, repository.name, repository.suite));
        }
        saved.push_back({repository, repository.keyring.empty() || !repository.verified
                                         ? std::string()
                                         : read_text(repository.keyring)});
    }
    return save_repositories(saved, tree);
}

/// From dpkg's own list, and from the copyright file that Debian's policy (12.5) has in each
/// package; a tree without them has said nothing.
void add_details(const fs::path& tree, InstalledPackage& package) {
    constexpr std::size_t kTextMax = 16U << 20;  // linux's list of files has 300 KB
    const std::string info = "var/lib/dpkg/info/" + package.name;
    for (const auto& list : {info + ".list", info + ":" + package.architecture + ".list"}) {
        if (const auto text = system::read_beneath(tree, list, kTextMax)) {
            package.files = split(*text, "\n");
            std::erase(package.files, "/.");
            std::ranges::sort(package.files);
        }
    }
    const std::string copyright = "usr/share/doc/" + package.name + "/copyright";
    if (const auto text = system::read_beneath(tree, copyright, kTextMax)) {
        package.licenses = licenses_of_copyright(*text);
    }
}

Result<std::vector<InstalledPackage>> DebianPackages::installed(const fs::path& tree,
                                                                bool details) {
    const std::string text =
        TRY(runner_.run({.argv = {"dpkg-query", "-W", "-f",
                                  "${Package} ${Architecture} ${Version} ${source:Package} "
                                  "${source:Version}\\n"},
                         .root = tree,
                         .captured = true}));
    std::vector<InstalledPackage> packages;
    for (const auto& line : split(text, "\n")) {
        const auto words = split(line, " ");
        if (words.size() != 5) {
            return fail(Fault::broken, fmt::format("dpkg-query says '{}' of a package", line));
        }
        packages.push_back({.name = words[0],
                            .architecture = words[1],
                            .version = words[2],
                            .source = words[3] + " " + words[4]});
        if (details) {
            add_details(tree, packages.back());
        }
    }
    std::ranges::sort(packages, {}, [](const InstalledPackage& package) {
        return std::pair(package.name, package.architecture);
    });
    return packages;
}

}  // namespace

Result<std::string> debian_mirror(system::CommandRunner& runner) {
    // What an update would fetch: known without reading any index, unlike apt-get indextargets.
    const std::string text =
        TRY(runner.run({.argv = {"apt-get", "--print-uris", "update"}, .captured = true}));
    for (const auto& line : split(text, "\n")) {
        // 'http://mirror/debian/dists/bookworm/InRelease' mirror_debian_dists_bookworm_InRelease 0
        const auto dists = line.find("/dists/");
        if (line.starts_with('\'') && dists != std::string::npos &&
            !line.substr(dists).contains("security") && !line.contains("-security/")) {
            return line.substr(1, dists - 1);
        }
    }
    return fail(Fault::missing,
                "this machine's apt knows no Debian mirror for @DEBIAN_MIRROR@; give one with "
                "--token DEBIAN_MIRROR=URL");
}

std::unique_ptr<PackageSystem> open_debian(std::vector<Repository> repositories,
                                           PackageSystemOptions options) {
    return std::make_unique<DebianPackages>(std::move(repositories), std::move(options));
}

}  // namespace img::packages
