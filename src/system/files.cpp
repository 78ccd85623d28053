#include "system/files.hpp"

#include "system/fd.hpp"

#include <array>
#include <cerrno>
#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <system_error>
#include <unistd.h>

namespace img::system {
namespace {

std::unexpected<Error> failure(const std::filesystem::path& path, const std::error_code& error) {
    return fail(error == std::errc::no_space_on_device ? Fault::exhausted : Fault::broken,
                fmt::format("{}: {}", path.string(), error.message()));
}

}  // namespace

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
