// What stat tells of a file: its own, and nothing of the machine that it lies on.
#include "steady/steady.hpp"

#include <algorithm>
#include <cstring>
#include <dirent.h>
#include <fcntl.h>
#include <map>
#include <string>
#include <sys/stat.h>
#include <utility>
#include <vector>

static_assert(sizeof(struct stat) == sizeof(struct stat64), "one function serves both names");

namespace {

using img::steady::real;
using img::steady::settings;
using Inode = std::pair<dev_t, ino_t>;

// Above the numbers that file systems keep for themselves: 256 is the root of a btrfs, and
// mkfs.btrfs takes over what stat says.
constexpr ino_t kFirstNumber = 1024;

int look(int folder, const char* path, struct stat* found, int flags) noexcept {
    static const auto kReal = real<decltype(fstatat)>("fstatat");
    return kReal(folder, path, found, flags);
}

/// Numbers a file and all below it in the order of names; the second name of a file adds nothing.
void number(std::map<Inode, ino_t>& numbers, const std::string& path) {
    struct stat found{};
    if (look(AT_FDCWD, path.c_str(), &found, AT_SYMLINK_NOFOLLOW) != 0) {
        return;  // whoever opens it is told
    }
    numbers.emplace(Inode{found.st_dev, found.st_ino}, kFirstNumber + numbers.size());
    DIR* const folder = S_ISDIR(found.st_mode) ? ::opendir(path.c_str()) : nullptr;
    if (folder == nullptr) {
        return;
    }
    std::vector<std::string> names;
    while (const dirent* const entry = ::readdir(folder)) {  // ours: by name
        if (std::strcmp(entry->d_name, ".") != 0 && std::strcmp(entry->d_name, "..") != 0) {
            names.emplace_back(entry->d_name);
        }
    }
    ::closedir(folder);
    for (const auto& name : names) {
        number(numbers, path + "/" + name);
    }
}

const std::map<Inode, ino_t>& numbers() {
    static const auto* const kNumbers = [] {
        auto* const all = new std::map<Inode, ino_t>;
        if (!settings().content.empty()) {
            number(*all, settings().content);
        }
        return all;
    }();
    return *kNumbers;
}

/// Only of the content: what a program asks of devices and of its own output is told as it is.
void steady(struct stat& found) {
    const auto number = numbers().find({found.st_dev, found.st_ino});
    if (number == numbers().end()) {
        return;
    }
    found.st_ino = number->second;
    found.st_mtim = {.tv_sec = std::min<time_t>(found.st_mtim.tv_sec, settings().epoch),
                     .tv_nsec = 0};
    found.st_atim = found.st_ctim = found.st_mtim;
    if (S_ISDIR(found.st_mode)) {  // every file system counts these in its own way
        found.st_size = 0;
        found.st_blocks = 0;
        found.st_nlink = 1;
    }
}

int steady_look(int folder, const char* path, struct stat* found, int flags) {
    const int failed = look(folder, path, found, flags);
    if (failed == 0) {
        steady(*found);
    }
    return failed;
}

struct stat* plain(struct stat64* found) {
    return reinterpret_cast<struct stat*>(found);
}

}  // namespace

IMG_STEADY int stat(const char* path, struct stat* found) noexcept {
    return steady_look(AT_FDCWD, path, found, 0);
}

IMG_STEADY int stat64(const char* path, struct stat64* found) noexcept {
    return steady_look(AT_FDCWD, path, plain(found), 0);
}

IMG_STEADY int lstat(const char* path, struct stat* found) noexcept {
    return steady_look(AT_FDCWD, path, found, AT_SYMLINK_NOFOLLOW);
}

IMG_STEADY int lstat64(const char* path, struct stat64* found) noexcept {
    return steady_look(AT_FDCWD, path, plain(found), AT_SYMLINK_NOFOLLOW);
}

IMG_STEADY int fstat(int fd, struct stat* found) noexcept {
    return steady_look(fd, "", found, AT_EMPTY_PATH);
}

IMG_STEADY int fstat64(int fd, struct stat64* found) noexcept {
    return steady_look(fd, "", plain(found), AT_EMPTY_PATH);
}

IMG_STEADY int fstatat(int folder, const char* path, struct stat* found, int flags) noexcept {
    return steady_look(folder, path, found, flags);
}

IMG_STEADY int fstatat64(int folder, const char* path, struct stat64* found, int flags) noexcept {
    return steady_look(folder, path, plain(found), flags);
}
