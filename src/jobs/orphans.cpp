#include "jobs/orphans.hpp"

#include <fmt/format.h>
#include <string>
#include <system_error>
#include <vector>

namespace img::jobs {
namespace {

namespace fs = std::filesystem;

/// Since the last file came or went there; of one that cannot be asked: just now.
bool is_old(const fs::path& folder, Time now) {
    std::error_code error;
    const auto changed = fs::last_write_time(folder, error);
    return !error && now - std::chrono::file_clock::to_sys(changed) > kOrphanAge;
}

/// Whether that is all that a submit leaves before its row: no file, or a kickstart.
bool has_kickstart_only(const fs::path& folder) {
    std::error_code error;
    std::size_t count = 0;
    fs::directory_iterator entry(folder, error);
    for (; !error && entry != fs::directory_iterator(); entry.increment(error)) {
        const bool is_kickstart = entry->path().extension() == ".ks" &&
                                  entry->symlink_status(error).type() == fs::file_type::regular &&
                                  !error;
        if (!is_kickstart || ++count > 1) {
            return false;
        }
    }
    return !error;
}

/// Not with whatever may be in it by now.
void remove_kickstart_and_folder(const fs::path& folder) {
    std::error_code error;
    std::vector<fs::path> files;
    for (fs::directory_iterator entry(folder, error); !error && entry != fs::directory_iterator();
         entry.increment(error)) {
        files.push_back(entry->path());
    }
    for (const auto& file : files) {
        if (file.extension() == ".ks") {
            fs::remove(file, error);
        }
    }
    fs::remove(folder, error);
}

}  // namespace

Result<std::size_t> sweep_orphans(JobStore& store,
                                  const fs::path& www_root,
                                  Time now,
                                  const std::stop_token& stop) {
    std::error_code error;
    std::size_t count = 0;
    fs::directory_iterator entry(www_root, error);
    for (; !error && entry != fs::directory_iterator(); entry.increment(error)) {
        if (stop.stop_requested()) {
            return fail(Fault::transient, "the sweep of abandoned folders was stopped");
        }
        const auto id = entry->path().filename().string();
        std::error_code gone;
        if (!is_job_id(id) || entry->symlink_status(gone).type() != fs::file_type::directory ||
            !is_old(entry->path(), now) || !has_kickstart_only(entry->path())) {
            continue;
        }
        // Asked last: a row that came since the folder was looked at is seen.
        if (!TRY(store.find(id))) {
            remove_kickstart_and_folder(entry->path());
            ++count;
        }
    }
    if (error) {
        return fail(Fault::broken, fmt::format("list {}: {}", www_root.native(), error.message()));
    }
    return count;
}

}  // namespace img::jobs
