#include "jobs/image_files.hpp"

#include <cerrno>
#include <fcntl.h>
#include <fmt/format.h>
#include <string>
#include <sys/file.h>
#include <system_error>

namespace img::jobs {
namespace {

namespace fs = std::filesystem;

bool stays(const std::string& name) {
    return name.starts_with('.') || name.ends_with(".ks") || name.ends_with(".log") ||
           name == "manifest.json";
}

}  // namespace

Result<std::vector<fs::path>> image_files(const fs::path& folder) {
    std::error_code error;
    std::vector<fs::path> leaving;
    for (fs::directory_iterator entry(folder, error), end; !error && entry != end;
         entry.increment(error)) {
        if (!stays(entry->path().filename().string())) {
            leaving.push_back(entry->path());
        }
    }
    if (error && error != std::errc::no_such_file_or_directory) {
        return fail(Fault::broken, fmt::format("list {}: {}", folder.native(), error.message()));
    }
    return leaving;
}

std::optional<std::vector<system::Fd>> lock_files(const std::vector<fs::path>& files) {
    std::vector<system::Fd> locks;
    for (const auto& file : files) {
        system::Fd fd(::open(file.c_str(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK));
        if (fd && ::flock(fd.get(), LOCK_EX | LOCK_NB) != 0 && errno == EWOULDBLOCK) {
            return std::nullopt;
        }
        locks.push_back(std::move(fd));
    }
    return locks;
}

Result<void> remove_files(const std::vector<fs::path>& files) {
    for (const auto& path : files) {
        std::error_code refused;
        fs::remove_all(path, refused);
        if (refused) {
            return fail(Fault::broken,
                        fmt::format("remove {}: {}", path.native(), refused.message()));
        }
    }
    return {};
}

}  // namespace img::jobs
