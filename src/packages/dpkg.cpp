#include "packages/dpkg.hpp"

#include "packages/deb_file.hpp"
#include "packages/initramfs.hpp"
#include "system/files.hpp"
#include "system/mount.hpp"

#include <algorithm>
#include <fmt/format.h>

namespace img::packages {
namespace {

namespace fs = std::filesystem;
using system::make_folder;
using system::Mount;
using system::write_file;

constexpr const char* kPackagesInTree = "/run/img-packages";  // where dpkg sees the cache

bool contains(const std::vector<PackageFile>& packages, std::string_view name) {
    return std::ranges::any_of(packages, [&](const auto& p) { return p.control.name == name; });
}

/// Since Debian 12 /bin, /sbin and /lib* are links into /usr from the start; packages ship files
/// under both names. Newer base-files bring the links themselves.
Result<void> merge_usr(const fs::path& tree) {
    // libc6 of amd64 has files below /lib64; other architectures get an unused, empty folder less.
    for (const char* name : {"bin", "sbin", "lib", "lib64"}) {
        TRY(make_folder(tree / "usr" / name));
        std::error_code error;
        fs::create_symlink(fs::path("usr") / name, tree / name, error);
        if (error) {
            return fail(Fault::broken,
                        fmt::format("link {}: {}", (tree / name).string(), error.message()));
        }
    }
    return {};
}

Result<void> make_database(const fs::path& tree, const std::string& architecture) {
    for (const char* folder : {"info", "updates", "triggers", "alternatives", "parts"}) {
        TRY(make_folder(tree / "var/lib/dpkg" / folder));
    }
    TRY(write_file(tree / "var/lib/dpkg/status", "", 0644));
    TRY(write_file(tree / "var/lib/dpkg/available", "", 0644));
    return write_file(tree / "var/lib/dpkg/arch", architecture + "\n", 0644);
}

/// What packages' scripts expect around them, and are not to do: start services, make an
/// initramfs each time something changes.
class ScriptSurroundings {
public:
    static Result<ScriptSurroundings> in(const fs::path& tree, const fs::path& cache_folder) {
        ScriptSurroundings made(tree);
        for (const char* folder : {"dev", "proc", "sys", "run", "tmp"}) {
            TRY(make_folder(tree / folder));
        }
        TRY(make_folder(tree / fs::path(kPackagesInTree).relative_path()));
        made.mounts_.push_back(TRY(system::mount_devices(tree / "dev")));
        made.mounts_.push_back(TRY(Mount::proc(tree / "proc")));
        made.mounts_.push_back(
            TRY(Mount::bind(cache_folder, tree / fs::path(kPackagesInTree).relative_path(),
                            Mount::Access::read_only)));
        // invoke-rc.d(8): 101 forbids it.
        TRY(write_file(tree / "usr/sbin/policy-rc.d", "#!/bin/sh\nexit 101\n", 0755));
        return made;
    }
    ScriptSurroundings(ScriptSurroundings&&) = default;
    ScriptSurroundings& operator=(ScriptSurroundings&&) = delete;

    Result<void> remove() {
        while (!mounts_.empty()) {
            TRY(mounts_.back().unmount());
            mounts_.pop_back();
        }
        std::error_code error;
        fs::remove(tree_ / "usr/sbin/policy-rc.d", error);
        fs::remove(tree_ / fs::path(kPackagesInTree).relative_path(), error);
        return {};
    }

private:
    explicit ScriptSurroundings(fs::path tree) : tree_(std::move(tree)) {}

    fs::path tree_;
    std::vector<Mount> mounts_;
};

std::vector<std::string> files_in_tree(const std::vector<PackageFile>& packages,
                                       const std::vector<std::size_t>& places,
                                       const fs::path& cache_folder) {
    std::vector<std::string> files;
    for (const std::size_t i : places) {
        files.push_back(
            (kPackagesInTree / packages[i].file.lexically_relative(cache_folder)).string());
    }
    return files;
}

std::vector<std::string> operands(const char* action, std::vector<std::string> files) {
    files.insert(files.begin(), action);
    return files;
}

/// dpkg's name for a package: with its architecture, where several could be installed.
std::vector<std::string> names(const std::vector<PackageFile>& packages,
                               const std::vector<std::size_t>& places) {
    std::vector<std::string> out;
    for (const std::size_t i : places) {
        const auto& control = packages[i].control;
        out.push_back(control.architecture == "all"
                          ? control.name
                          : fmt::format("{}:{}", control.name, control.architecture));
    }
    return out;
}

}  // namespace

system::Command dpkg_command(const fs::path& tree,
                             const InstallOptions& options,
                             std::vector<std::string> arguments) {
    // The tree is thrown away when something goes wrong: nothing needs to be safe on disk.
    std::vector<std::string> argv{"dpkg", "--force-unsafe-io", "--force-confold"};
    for (const auto& rule : path_rules(options)) {
        argv.push_back(
            fmt::format("--path-{}={}", rule.included ? "include" : "exclude", rule.pattern));
    }
    std::ranges::move(arguments, std::back_inserter(argv));
    return {.argv = std::move(argv),
            .environment = {"DEBIAN_FRONTEND=noninteractive", "DEBCONF_NONINTERACTIVE_SEEN=true",
                            "PERL_BADLANG=0"},
            .root = tree,
            .timeout = std::chrono::hours(2)};
}

Result<void> install_packages(system::CommandRunner& runner,
                              const PackageSet& set,
                              const fs::path& tree,
                              const InstallOptions& options) {
    const auto& [packages, first, cache_folder] = set;
    std::vector<DebControl> controls;
    std::string architecture = "all";
    for (const auto& package : packages) {
        controls.push_back(package.control);
        if (package.control.architecture != "all") {
            architecture = package.control.architecture;
        }
    }
    const InstallOrder order = install_order(controls, first);
    if (contains(packages, "usr-is-merged") || contains(packages, "usrmerge")) {
        TRY(merge_usr(tree));
    }
    TRY(make_database(tree, architecture));

    // No script can run before there is a shell, so the essential files are laid out first.
    std::vector<fs::path> essential;
    for (const std::size_t i : order.essential) {
        essential.push_back(packages[i].file);
    }
    TRY(extract_files(essential, tree, path_rules(options)));
    auto surroundings = TRY(ScriptSurroundings::in(tree, cache_folder));
    const auto run = [&](const char* action, std::vector<std::string> rest) -> Result<void> {
        if (!rest.empty()) {
            TRY(runner.run(dpkg_command(tree, options, operands(action, std::move(rest)))));
        }
        return {};
    };
    // By force, as they depend on each other in circles; their order is still dpkg's.
    auto essentials = files_in_tree(packages, order.essential, cache_folder);
    essentials.insert(essentials.begin(), {"--force-depends", "--install"});
    TRY(runner.run(dpkg_command(tree, options, std::move(essentials))));
    for (const auto& wave : order.waves) {
        TRY(run("--configure", names(packages, wave.configured_first)));
        TRY(run("--unpack", files_in_tree(packages, wave.unpacked, cache_folder)));
    }
    auto initramfs = TRY(DeferredInitramfs::in(tree));
    TRY(run("--configure", {"-a"}));
    TRY(initramfs.end());
    return surroundings.remove();
}

}  // namespace img::packages
