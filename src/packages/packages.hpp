// Packages into a tree: repositories are read, a selection is solved, fetched and installed.
//
// Knows archives, their signatures, package files and how their tools want to be called. Must
// never know kickstart files or images: what was asked for comes as plain names, each with the
// place it came from, so that errors can say it.
#pragma once

#include "base/result.hpp"
#include "packages/installed_package.hpp"
#include "system/process_runner.hpp"

#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <stop_token>
#include <string>
#include <vector>

namespace img::packages {

/// An archive to take packages from.
struct Repository {
    std::string name{};
    std::string url{};         ///< http, https, file or copy; may hold "user:password@".
    std::string mirrorlist{};  ///< In place of `url`: where a list of such URLs is.
    std::string suite{};       ///< "bookworm"
    std::vector<std::string> components{};  ///< "main", …
    std::string keyring{};      ///< File or https URL of who may sign; empty: the machine's own.
    bool verified = true;       ///< false: taken without a valid signature.
    std::string proxy{};        ///< "http://user:password@host:port"; never saved.
    std::string user{};         ///< For the server, before what `url` says; never saved.
    std::string password{};     ///< Neither logged nor saved.
    std::optional<int> cost{};  ///< The cheapest gives a version that several have; 1000.
    std::optional<int> priority{};  ///< 1 (first) to 99 (last, as if nothing was said).
    std::vector<std::string> include_packages{};  ///< Globs; empty: all.
    std::vector<std::string> exclude_packages{};
    bool saved = false;      ///< Also configured in the tree, for later updates.
    bool disabled = false;   ///< Saved, but commented out there.
    bool source = false;     ///< Saved with its source packages.
    bool debuginfo = false;  ///< Debian has a suite of its own for that: logged.
    std::string origin{};    ///< Where it was asked for: "demo.ks:4".
};

/// A name, and who wants it: "demo.ks:24".
struct Asked {
    std::string name;
    std::string origin;
};

struct Selection {
    std::vector<Asked> names;       ///< Globs are allowed.
    std::vector<Asked> groups;      ///< "core", a priority such as "standard", or a task.
    std::vector<Asked> excluded;    ///< Not even as a dependency.
    bool weak_dependencies = true;  ///< Recommended packages too.
    bool core = true;               ///< Packages of priority required, beside the essential ones.
    bool ignore_missing = false;    ///< Names that no archive has are left out, and logged.
    std::vector<Asked> first{};     ///< Wanted too, and set up before all but essential packages.
};

/// A package as an archive offers it.
struct Package {
    std::string name, version, architecture;
    std::string url;
    std::uint64_t size_bytes = 0;  ///< Of the package file.
    std::string sha256;            ///< Of the package file, from the signed index.
};

/// Everything that a selection needs, in no particular order.
struct Solution {
    std::vector<Package> packages;
    bool remembered = false;           ///< Solved before, from the same indices.
    std::vector<std::string> first{};  ///< Names, globs: these and all they need come first.
};

/// How far fetch() or install() is, in packages.
using Progress =
    std::function<void(std::uint64_t done, std::uint64_t total, const std::string& text)>;

/// What install() leaves out of the tree.
struct InstallOptions {
    bool exclude_docs = false;  ///< /usr/share/doc but copyright files, man pages, info.
    /// Locales whose translations are kept, with their parents: "de_DE" keeps "de" as well.
    std::optional<std::vector<std::string>> languages{};
};

/// One family of package archives. Calls come in the order of the members; network is needed up
/// to fetch() and must not be there for install(), which runs the packages' own scripts.
class PackageSystem {
public:
    virtual ~PackageSystem() = default;

    /// Reads the indices. Fault::missing: a repository answers 404; Fault::invalid: its signature
    /// is not good; Fault::transient: it cannot be reached.
    virtual Result<void> refresh() = 0;

    /// Fault::missing: unknown packages, all of them, with who asked; Fault::invalid: what was
    /// asked for cannot be together, with the chain of dependencies that leads there.
    virtual Result<Solution> solve(const Selection& selection) = 0;

    /// Into the package cache; what is there already is not fetched again.
    virtual Result<void> fetch(const Solution& solution, const Progress& progress) = 0;

    /// Into an empty folder. Needs root, at least of a user namespace.
    virtual Result<void> install(const Solution& solution,
                                 const std::filesystem::path& tree,
                                 const InstallOptions& options,
                                 const Progress& progress) = 0;

    /// Everything installed, sorted by name and architecture; `details`: with files and licences.
    virtual Result<std::vector<InstalledPackage>> installed(const std::filesystem::path& tree,
                                                            bool details) = 0;
};

struct PackageSystemOptions {
    std::string architecture = "amd64";
    std::filesystem::path scratch;  ///< A folder of this build alone.
    std::filesystem::path cache;    ///< Shared by builds; safe to use by many at once.
    system::LineSink log;
    std::stop_token stop;
    std::int64_t epoch = 0;  ///< SOURCE_DATE_EPOCH, for the packages' own scripts.
};

/// The machine's own Debian mirror, from its apt configuration; for the token @DEBIAN_MIRROR@.
/// Fault::missing: it has none.
Result<std::string> debian_mirror(system::CommandRunner& runner);

/// For Debian archives.
std::unique_ptr<PackageSystem> open_debian(std::vector<Repository> repositories,
                                           PackageSystemOptions options);

}  // namespace img::packages
