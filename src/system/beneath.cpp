#include "system/beneath.hpp"

#include "base/byte_size.hpp"
#include "base/printable.hpp"

#include <algorithm>
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

namespace img::system {
namespace {

std::unexpected<Error> missing(std::string_view path, int error) {
    return fail(Fault::missing, fmt::format("{}: {}", printable(path), std::strerror(error)));
}

Result<Fd> open_way(const std::filesystem::path& root,
                    std::string_view path,
                    std::uint64_t flags,
                    Links links) {
    if (path.find('\0') != std::string_view::npos) {
        return missing(path, ENOENT);
    }
    const Fd folder(::open(root.c_str(), O_PATH | O_DIRECTORY | O_CLOEXEC));
    if (!folder) {
        return missing(path, errno);
    }
    open_how how{};
    how.flags = flags | O_RDONLY | O_CLOEXEC;
    how.resolve = (links == Links::of_a_root ? RESOLVE_IN_ROOT : RESOLVE_BENEATH) |
                  RESOLVE_NO_MAGICLINKS | (links == Links::refused ? RESOLVE_NO_SYMLINKS : 0U);
    const std::string name(path);
    Fd opened(
        static_cast<int>(::syscall(SYS_openat2, folder.get(), name.c_str(), &how, sizeof how)));
    if (!opened) {
        return missing(path, errno);
    }
    return opened;
}

}  // namespace

Result<Fd> open_beneath(const std::filesystem::path& root, std::string_view path, Links links) {
    // Without O_NONBLOCK a FIFO in the folder would hold the thread.
    Fd file = TRY(open_way(root, path, O_NONBLOCK | O_NOCTTY, links));
    struct stat facts{};
    if (::fstat(file.get(), &facts) != 0) {
        return missing(path, errno);
    }
    if (!S_ISREG(facts.st_mode)) {
        return fail(Fault::missing, fmt::format("{}: not a regular file", printable(path)));
    }
    return file;
}

Result<std::string> read_beneath(const std::filesystem::path& root,
                                 std::string_view path,
                                 std::size_t bytes_max,
                                 Links links) {
    const Fd file = TRY(open_beneath(root, path, links));
    std::string text;
    char block[1U << 16];
    for (;;) {
        const ssize_t got = ::read(file.get(), block, sizeof block);
        if (got == 0) {
            return text;
        }
        if (got < 0 && errno != EINTR) {
            const int error = errno;
            return fail(Fault::broken,
                        fmt::format("{}: {}", printable(path), std::strerror(error)));
        }
        text.append(block, got < 0 ? 0 : static_cast<std::size_t>(got));
        if (text.size() > bytes_max) {
            return fail(Fault::invalid, fmt::format("{} is larger than {}", printable(path),
                                                    human_size(bytes_max)));
        }
    }
}

Result<std::vector<std::string>> list_beneath(const std::filesystem::path& root,
                                              std::string_view path,
                                              std::size_t names_max) {
    Fd folder = TRY(open_way(root, path, O_DIRECTORY, Links::kept_inside));
    const std::unique_ptr<DIR, int (*)(DIR*)> entries(::fdopendir(folder.get()), &::closedir);
    if (!entries) {
        return missing(path, errno);
    }
    (void)folder.release();  // closedir() closes it
    std::vector<std::string> names;
    while (const dirent* entry = ::readdir(entries.get())) {
        const std::string_view name = entry->d_name;
        if (name == "." || name == "..") {
            continue;
        }
        if (names.size() == names_max) {
            return fail(Fault::invalid,
                        fmt::format("{} holds more than {} files", printable(path), names_max));
        }
        names.emplace_back(name);
    }
    std::ranges::sort(names);
    return names;
}

}  // namespace img::system
