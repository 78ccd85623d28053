#include "rootfs/build_traces.hpp"

#include "tree/tree.hpp"

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <fcntl.h>
#include <filesystem>
#include <fmt/format.h>
#include <sys/stat.h>

namespace img::rootfs {
namespace {

using tree::Tree;

namespace fs = std::filesystem;

constexpr std::array<const char*, 16> kTraces{
    "/var/log/alternatives.log",
    "/var/log/apt/eipp.log.xz",
    "/var/log/apt/history.log",
    "/var/log/apt/term.log",
    "/var/log/dnf.librepo.log",
    "/var/log/dnf.log",
    "/var/log/dnf.rpm.log",
    "/var/log/dpkg.log",
    "/var/log/hawkey.log",
    "/var/cache/debconf/config.dat-old",
    "/var/cache/debconf/passwords.dat-old",
    "/var/cache/debconf/templates.dat-old",
    "/var/cache/ldconfig/aux-cache",
    "/var/lib/dpkg/diversions-old",
    "/var/lib/dpkg/statoverride-old",
    "/var/lib/dpkg/status-old",
};

Result<void> level(const fs::path& path, std::int64_t epoch) {
    struct stat found{};
    int failed = ::lstat(path.c_str(), &found);
    const bool younger = found.st_mtim.tv_sec > epoch;
    if (failed == 0 && (younger || found.st_mtim.tv_nsec != 0)) {
        const timespec time{.tv_sec = std::min<time_t>(found.st_mtim.tv_sec, epoch), .tv_nsec = 0};
        const std::array<timespec, 2> both{time, time};  // of access and of modification
        failed = ::utimensat(AT_FDCWD, path.c_str(), both.data(), AT_SYMLINK_NOFOLLOW);
    }
    if (failed != 0) {
        return fail(Fault::broken,
                    fmt::format("set the time of {}: {}", path.string(), std::strerror(errno)));
    }
    return {};
}

}  // namespace

Result<void> forget_traces(const Tree& tree) {
    for (const char* file : kTraces) {
        TRY(tree.remove(file));
    }
    return {};
}

Result<void> level_times(const Tree& tree, std::int64_t epoch) {
    TRY(level(tree.folder(), epoch));
    std::error_code error;
    fs::recursive_directory_iterator at(tree.folder(), error);  // follows no links
    for (; !error && at != fs::recursive_directory_iterator(); at.increment(error)) {
        TRY(level(at->path(), epoch));
    }
    if (error) {
        return fail(Fault::broken,
                    fmt::format("walk the tree {}: {}", tree.folder().string(), error.message()));
    }
    return {};
}

}  // namespace img::rootfs
