#include "system/files.hpp"

#include "base/printable.hpp"
#include "system/fd.hpp"

#include <algorithm>
#include <array>
#include <cerrno>
#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <system_error>
#include <unistd.h>

namespace img::system {
namespace {

namespace fs = std::filesystem;

std::unexpected<Error> failure(const std::filesystem::path& path, const std::error_code& error) {
    return fail(error == std::errc::no_space_on_device ? Fault::exhausted : Fault::broken,
                fmt::format("{}: {}", path.string(), error.message()));
}

/// Where it leads to, through links.
fs::file_type target_of(const fs::path& path) {
    std::error_code error;
    return fs::status(path, error).type();
}

Result<void> check(const fs::path& path, fs::file_type wanted, std::string_view what) {
    std::error_code error;
    const auto type = fs::status(path, error).type();
    if (type == wanted) {
        return {};
    }
    const std::string name = printable(path.string());
    if (type == fs::file_type::not_found) {
        return fail(Fault::missing, fmt::format("{}: there is no such {}", name, what));
    }
    return fail(Fault::invalid, error ? fmt::format("{}: {}", name, error.message())
                                      : fmt::format("{}: this is no {}", name, what));
}

}  // namespace

bool exists(const fs::path& path) {
    const auto type = target_of(path);
    return type != fs::file_type::not_found && type != fs::file_type::none;
}

bool is_folder(const fs::path& path) {
    return target_of(path) == fs::file_type::directory;
}

bool is_file(const fs::path& path) {
    return target_of(path) == fs::file_type::regular;
}

fs::file_type type_of(const fs::path& path) {
    std::error_code error;
    return fs::symlink_status(path, error).type();
}

Result<void> check_folder(const fs::path& folder) {
    return check(folder, fs::file_type::directory, "folder");
}

Result<void> check_file(const fs::path& file) {
    return check(file, fs::file_type::regular, "file");
}

Result<fs::path> absolute(const fs::path& path) {
    if (path.empty()) {
        return fail(Fault::invalid, "an empty name: give that of a file or folder");
    }
    std::error_code error;
    auto whole = fs::absolute(path, error);
    if (error) {
        return fail(Fault::invalid, fmt::format("{}: the working folder is gone: {}; go to one "
                                                "that is there, or give a path that begins with /",
                                                printable(path.string()), error.message()));
    }
    return whole;
}

Result<std::vector<fs::path>> files_in(const fs::path& folder) {
    std::error_code error;
    std::vector<fs::path> files;
    for (fs::directory_iterator entry(folder, error), end; !error && entry != end;
         entry.increment(error)) {
        files.push_back(entry->path());
    }
    if (error) {
        return failure(folder, error);
    }
    std::ranges::sort(files);
    return files;
}

Result<std::vector<fs::path>> files_below(const fs::path& folder) {
    std::error_code error;
    std::vector<fs::path> files;
    for (fs::recursive_directory_iterator entry(folder, error), end; !error && entry != end;
         entry.increment(error)) {
        std::error_code gone;
        if (entry->symlink_status(gone).type() == fs::file_type::regular) {
            files.push_back(entry->path());
        }
    }
    if (error) {
        return failure(folder, error);
    }
    std::ranges::sort(files);
    return files;
}

Result<void> make_folder(const std::filesystem::path& folder) {
    std::error_code error;
    std::filesystem::create_directories(folder, error);
    return error ? Result<void>(failure(folder, error)) : Result<void>();
}

Result<std::string> read_file(const std::filesystem::path& file) {
    const auto last_error = [&]() -> std::unexpected<Error> {
        const bool is_gone = errno == ENOENT || errno == ESRCH;  // ESRCH: /proc of an ended process
        auto failed = failure(file, {errno, std::generic_category()});
        failed.error().fault = is_gone ? Fault::missing : failed.error().fault;
        return failed;
    };
    const Fd fd(::open(file.c_str(), O_RDONLY | O_CLOEXEC));
    if (!fd) {
        return last_error();
    }
    std::string text;
    std::array<char, 16 << 10> piece;
    for (;;) {
        const ssize_t got = ::read(fd.get(), piece.data(), piece.size());
        if (got == 0) {
            return text;
        }
        if (got < 0 && errno != EINTR) {
            return last_error();
        }
        text.append(piece.data(), got < 0 ? 0 : static_cast<std::size_t>(got));
    }
}

Result<void> write_file(const std::filesystem::path& file, std::string_view text, mode_t mode) {
    const auto last_error = [&] { return failure(file, {errno, std::generic_category()}); };
    const Fd fd(::open(file.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, mode));
    if (!fd) {
        return last_error();
    }
    while (!text.empty()) {
        const ssize_t put = ::write(fd.get(), text.data(), text.size());
        if (put < 0 && errno != EINTR) {
            return last_error();
        }
        text.remove_prefix(put < 0 ? 0 : static_cast<std::size_t>(put));
    }
    if (::fchmod(fd.get(), mode) != 0) {
        return last_error();
    }
    return {};
}

}  // namespace img::system
