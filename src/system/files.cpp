#include "system/files.hpp"

#include "system/fd.hpp"

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
