#include "worker/work_folder.hpp"

#include "jobs/job.hpp"

#include <cerrno>
#include <fcntl.h>
#include <fmt/format.h>
#include <sys/file.h>
#include <system_error>

namespace img::worker {
namespace {

namespace fs = std::filesystem;

/// Holds the lock, or nothing where somebody else does.
system::Fd locked(const fs::path& folder) {
    system::Fd fd(::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC | O_NOFOLLOW));
    return fd && ::flock(fd.get(), LOCK_EX | LOCK_NB) == 0 ? std::move(fd) : system::Fd();
}

/// <id>.<attempt>, so that nothing else that lies there is ever removed.
bool is_work_folder(const fs::path& path) {
    const auto name = path.filename().native();
    const auto dot = name.find('.');
    return dot != std::string::npos && jobs::is_job_id(std::string_view(name).substr(0, dot));
}

}  // namespace

Result<WorkFolder> WorkFolder::make(const fs::path& work, const std::string& id, unsigned attempt) {
    const auto path = work / fmt::format("{}.{}", id, attempt);
    std::error_code error;
    if (fs::exists(path, error)) {
        if (!locked(path)) {
            return fail(Fault::transient,
                        fmt::format("work folder {}: another build is in it", path.native()));
        }
        fs::remove_all(path, error);
    }
    if (!error) {
        fs::create_directories(path, error);
    }
    if (error) {
        return fail(error == std::errc::no_space_on_device ? Fault::exhausted : Fault::broken,
                    fmt::format("work folder {}: {}", path.native(), error.message()));
    }
    auto lock = locked(path);
    if (!lock) {
        return fail(Fault::transient,
                    fmt::format("work folder {}: it cannot be locked", path.native()));
    }
    return WorkFolder(path, std::move(lock));
}

WorkFolder::~WorkFolder() {
    if (lock_) {
        std::error_code ignored;  // remove_left_over() tries again when a worker starts
        fs::remove_all(path_, ignored);
    }
}

std::vector<fs::path> remove_left_over(const fs::path& work) {
    std::vector<fs::path> found, stuck;
    std::error_code error;
    for (fs::directory_iterator entry(work, error); !error && entry != fs::directory_iterator();
         entry.increment(error)) {
        if (is_work_folder(entry->path())) {
            found.push_back(entry->path());
        }
    }
    for (const auto& path : found) {
        if (const auto lock = locked(path)) {
            fs::remove_all(path, error);
            if (error) {
                stuck.push_back(path);
            }
        }
    }
    return stuck;
}

}  // namespace img::worker
