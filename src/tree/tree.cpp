#include "tree/tree.hpp"

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <dirent.h>
#include <fcntl.h>
#include <fmt/format.h>
#include <linux/openat2.h>
#include <memory>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

namespace img::tree {
namespace {

using system::Fd;

constexpr std::size_t kReadMax = 16 * 1024 * 1024;
constexpr std::size_t kListMax = 65536;
constexpr int kLinksMax = 40;  // as the kernel: MAXSYMLINKS
constexpr std::size_t kChunk = 128 * 1024;

std::unexpected<Error> failure(std::string_view what,
                               const std::filesystem::path& path,
                               int error) {
    Fault fault = Fault::broken;
    if (error == ENOENT) {
        fault = Fault::missing;
    } else if (error == ENOSPC || error == EDQUOT) {
        fault = Fault::exhausted;
    } else if (error == ENOTDIR || error == EISDIR || error == ELOOP || error == ENAMETOOLONG) {
        fault = Fault::invalid;
    }
    return fail(fault,
                fmt::format("{} {} in the tree: {}", what, path.string(), std::strerror(error)));
}

/// "." for the root itself: openat2 takes no empty path.
std::string inside(const std::filesystem::path& path) {
    std::string text = path.relative_path().string();
    return text.empty() ? "." : text;
}

int open_beneath(int root, const std::string& path, int flags) {
    struct open_how how = {};
    how.flags = static_cast<unsigned>(flags) | O_CLOEXEC;
    how.resolve = RESOLVE_IN_ROOT | RESOLVE_NO_MAGICLINKS;
    return static_cast<int>(::syscall(SYS_openat2, root, path.c_str(), &how, sizeof how));
}

int write_all(int fd, std::string_view text) {
    while (!text.empty()) {
        const ssize_t count = ::write(fd, text.data(), text.size());
        if (count < 0 && errno == EINTR) {
            continue;
        }
        if (count < 0) {
            return errno;
        }
        text.remove_prefix(static_cast<std::size_t>(count));
    }
    return 0;
}

/// Fills a new file beside `name` with `fill(fd)`, which returns an errno, and renames it there.
template <typename Fill>
int replace(int folder, const std::string& name, unsigned mode, Fill fill) {
    struct stat old = {};
    if (::fstatat(folder, name.c_str(), &old, AT_SYMLINK_NOFOLLOW) == 0 && S_ISDIR(old.st_mode)) {
        return EISDIR;
    }
    const std::string fresh = ".img-new";
    (void)::unlinkat(folder, fresh.c_str(), 0);
    const Fd file(::openat(folder, fresh.c_str(),
                           O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600));
    if (!file) {
        return errno;
    }
    int error = fill(file.get());
    if (error == 0 && ::fchmod(file.get(), mode) != 0) {
        error = errno;
    }
    if (error == 0 && ::renameat(folder, fresh.c_str(), folder, name.c_str()) != 0) {
        error = errno;
    }
    if (error != 0) {
        (void)::unlinkat(folder, fresh.c_str(), 0);
    }
    return error;
}

int copy_bytes(int from, int to) {
    std::array<char, kChunk> buffer{};
    for (;;) {
        const ssize_t count = ::read(from, buffer.data(), buffer.size());
        if (count < 0 && errno == EINTR) {
            continue;
        }
        if (count < 0) {
            return errno;
        }
        if (count == 0) {
            return 0;
        }
        if (const int error = write_all(to, {buffer.data(), static_cast<std::size_t>(count)})) {
            return error;
        }
    }
}

}  // namespace

Result<Tree> Tree::open(std::filesystem::path folder) {
    Fd root(::open(folder.c_str(), O_PATH | O_DIRECTORY | O_CLOEXEC));
    if (!root) {
        const int error = errno;
        return fail(error == ENOENT ? Fault::missing : Fault::broken,
                    fmt::format("open the tree {}: {}", folder.string(), std::strerror(error)));
    }
    return Tree(std::move(folder), std::move(root));
}

Result<Fd> Tree::open_at(const std::filesystem::path& path, int flags) const {
    Fd fd(open_beneath(root_.get(), inside(path), flags));
    if (!fd) {
        return failure("open", path, errno);
    }
    return fd;
}

Result<Fd> Tree::parent_of(const std::filesystem::path& path) const {
    const auto relative = path.relative_path();
    if (relative.filename().empty() || relative.filename() == "." || relative.filename() == "..") {
        return fail(Fault::invalid, fmt::format("'{}' names no file in the tree", path.string()));
    }
    if (relative.has_parent_path() && !exists(relative.parent_path())) {
        TRY(make_directory(relative.parent_path()));
    }
    return open_at(relative.parent_path(), O_PATH | O_DIRECTORY);
}

Result<Tree::Spot> Tree::spot_of(const std::filesystem::path& path) const {
    std::filesystem::path at = path;
    for (int links = 0; links < kLinksMax; ++links) {
        Spot spot{.folder = TRY(parent_of(at)), .name = at.filename().string()};
        std::array<char, PATH_MAX> target{};
        const ssize_t length =
            ::readlinkat(spot.folder.get(), spot.name.c_str(), target.data(), target.size());
        if (length < 0) {
            return spot;
        }
        // The next round walks parent/target from the root, so ".." and further links in the
        // text are the kernel's to resolve.
        const std::filesystem::path next(
            std::string(target.data(), static_cast<std::size_t>(length)));
        at = next.is_absolute() ? next : at.parent_path() / next;
    }
    return failure("follow", path, ELOOP);
}

Result<void> Tree::write(const std::filesystem::path& path,
                         std::string_view text,
                         unsigned mode) const {
    const Spot spot = TRY(spot_of(path));
    const int error = replace(spot.folder.get(), spot.name, mode,
                              [text](int file) { return write_all(file, text); });
    if (error != 0) {
        return failure("write", path, error);
    }
    return {};
}

Result<void> Tree::copy_in(const std::filesystem::path& source,
                           const std::filesystem::path& path,
                           unsigned mode) const {
    const Fd from(::open(source.c_str(), O_RDONLY | O_CLOEXEC));
    if (!from) {
        const int error = errno;
        return fail(error == ENOENT ? Fault::missing : Fault::broken,
                    fmt::format("open {}: {}", source.string(), std::strerror(error)));
    }
    const Spot spot = TRY(spot_of(path));
    const int error = replace(spot.folder.get(), spot.name, mode,
                              [&from](int file) { return copy_bytes(from.get(), file); });
    if (error != 0) {
        return failure("write", path, error);
    }
    return {};
}

Result<void> Tree::copy_out(const std::filesystem::path& path,
                            const std::filesystem::path& target) const {
    const Fd from = TRY(open_at(path, O_RDONLY));
    struct stat status{};
    if (::fstat(from.get(), &status) != 0 || !S_ISREG(status.st_mode)) {
        return failure("copy", path, EISDIR);
    }
    const Fd to(::open(target.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0644));
    const int error = to ? copy_bytes(from.get(), to.get()) : errno;
    if (error != 0) {
        return fail(error == ENOSPC ? Fault::exhausted : Fault::broken,
                    fmt::format("write {}: {}", target.string(), std::strerror(error)));
    }
    return {};
}

Result<void> Tree::link(const std::filesystem::path& path, const std::string& target) const {
    TRY(remove(path));
    const Fd folder = TRY(parent_of(path));
    if (::symlinkat(target.c_str(), folder.get(), path.filename().c_str()) != 0) {
        return failure("link", path, errno);
    }
    return {};
}

Result<void> Tree::make_directory(const std::filesystem::path& path, unsigned mode) const {
    std::filesystem::path done;
    for (const auto& part : path.relative_path()) {
        if (part.empty()) {
            continue;  // a slash at the end
        }
        const Fd above = TRY(open_at(done, O_PATH | O_DIRECTORY));
        done /= part;
        if (!exists(done) && ::mkdirat(above.get(), part.c_str(), 0755) != 0) {
            return failure("make the folder", done, errno);
        }
    }
    const Fd folder = TRY(open_at(path, O_RDONLY | O_DIRECTORY));
    if (::fchmod(folder.get(), mode) != 0) {
        return failure("set the mode of", path, errno);
    }
    return {};
}

Result<void> Tree::remove(const std::filesystem::path& path) const {
    const Fd folder(open_beneath(root_.get(), inside(path.relative_path().parent_path()),
                                 O_PATH | O_DIRECTORY));
    if (!folder && errno == ENOENT) {
        return {};
    }
    if (!folder || (::unlinkat(folder.get(), path.filename().c_str(), 0) != 0 && errno != ENOENT)) {
        return failure("remove", path, errno);
    }
    return {};
}

Result<std::string> Tree::read(const std::filesystem::path& path) const {
    // O_NONBLOCK: a FIFO put in a file's place must not hang the build.
    const Fd file = TRY(open_at(path, O_RDONLY | O_NONBLOCK | O_NOCTTY));
    struct stat info = {};
    if (::fstat(file.get(), &info) != 0) {
        return failure("look at", path, errno);
    }
    if (!S_ISREG(info.st_mode) || static_cast<std::uint64_t>(info.st_size) > kReadMax) {
        return fail(Fault::invalid,
                    fmt::format("{} in the tree is not a file of up to 16 MiB", path.string()));
    }
    std::string text;
    std::array<char, kChunk> buffer{};
    while (text.size() <= kReadMax) {
        const ssize_t count = ::read(file.get(), buffer.data(), buffer.size());
        if (count < 0 && errno == EINTR) {
            continue;
        }
        if (count < 0) {
            return failure("read", path, errno);
        }
        if (count == 0) {
            break;
        }
        text.append(buffer.data(), static_cast<std::size_t>(count));
    }
    return text;
}

Result<std::string> Tree::read_if_there(const std::filesystem::path& path) const {
    return exists(path) ? read(path) : std::string();
}

Result<void> Tree::give(const std::filesystem::path& path,
                        std::uint32_t user,
                        std::uint32_t group) const {
    const Fd fd = TRY(open_at(path, O_PATH));
    if (::fchownat(fd.get(), "", user, group, AT_EMPTY_PATH) != 0) {
        return failure("change the owner of", path, errno);
    }
    return {};
}

bool Tree::is_folder(const std::filesystem::path& path) const {
    return static_cast<bool>(Fd(open_beneath(root_.get(), inside(path), O_PATH | O_DIRECTORY)));
}

bool Tree::exists(const std::filesystem::path& path) const {
    return static_cast<bool>(Fd(open_beneath(root_.get(), inside(path), O_PATH)));
}

bool Tree::is_file(const std::filesystem::path& path) const {
    const Fd fd(open_beneath(root_.get(), inside(path), O_PATH));
    struct stat info = {};
    return fd && ::fstat(fd.get(), &info) == 0 && S_ISREG(info.st_mode);
}

bool Tree::is_program(const std::filesystem::path& path) const {
    const Fd fd(open_beneath(root_.get(), inside(path), O_PATH));
    struct stat info = {};
    return fd && ::fstat(fd.get(), &info) == 0 && S_ISREG(info.st_mode) &&
           (info.st_mode & 0111) != 0;
}

std::vector<std::string> Tree::list(const std::filesystem::path& path) const {
    std::vector<std::string> names;
    Fd fd(open_beneath(root_.get(), inside(path), O_RDONLY | O_DIRECTORY));
    const std::unique_ptr<DIR, int (*)(DIR*)> folder(fd ? ::fdopendir(fd.get()) : nullptr,
                                                     ::closedir);
    if (!folder) {
        return names;
    }
    (void)fd.release();  // closedir closes it
    while (names.size() < kListMax) {
        const dirent* entry = ::readdir(folder.get());
        if (entry == nullptr) {
            break;
        }
        const std::string_view name = entry->d_name;
        if (name != "." && name != "..") {
            names.emplace_back(name);
        }
    }
    std::ranges::sort(names);
    return names;
}

}  // namespace img::tree
