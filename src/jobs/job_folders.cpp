#include "jobs/job_folders.hpp"

#include "base/byte_size.hpp"
#include "jobs/job_log.hpp"
#include "system/draft.hpp"
#include "system/files.hpp"

#include <fmt/format.h>
#include <sys/statvfs.h>
#include <system_error>

namespace img::jobs {
namespace {

namespace fs = std::filesystem;

constexpr auto kCloseWait = std::chrono::milliseconds(500);  // for somebody who has been stopped

fs::path kickstart_file(const fs::path& folder, const Job& job) {
    return folder / (job.request.name + ".ks");
}

}  // namespace

fs::path JobFolders::log_file(const Job& job) const {
    return folder(job.id) / (job.request.name + ".log");
}

Result<void> JobFolders::check_room() const {
    struct statvfs disk{};
    if (floor_ == 0 || ::statvfs(root_.c_str(), &disk) != 0) {
        return {};  // a folder that is not there yet is reported by whoever writes to it
    }
    const auto free = static_cast<std::uint64_t>(disk.f_bavail) * disk.f_frsize;
    if (free >= floor_) {
        return {};
    }
    return fail(Fault::exhausted,
                fmt::format("{}: {} are free, new jobs need {}; remove images, or try again when "
                            "retention has",
                            root_.native(), human_size(free), human_size(floor_)));
}

Result<void> JobFolders::write_kickstart(const Job& job) const {
    TRY(system::make_folder(folder(job.id)));
    return system::write_file(kickstart_file(folder(job.id), job), job.request.kickstart);
}

bool JobFolders::has_kickstart(const Job& job) const {
    return system::read_file(kickstart_file(folder(job.id), job)) == job.request.kickstart;
}

void JobFolders::remove(const std::string& id) const {
    std::error_code ignored;
    fs::remove_all(folder(id), ignored);
}

Result<void> JobFolders::raise_fence(const std::string& id,
                                     unsigned attempt,
                                     std::chrono::milliseconds wait) const {
    return move_fence(id, attempt, attempt, wait);
}

Result<void> JobFolders::close_fence(const std::string& id, unsigned attempt) const {
    return move_fence(id, attempt, AttemptFence::kClosed, kCloseWait);
}

/// As `entering` may, to `number`.
Result<void> JobFolders::move_fence(const std::string& id,
                                    unsigned entering,
                                    unsigned number,
                                    std::chrono::milliseconds wait) const {
    auto fence = AttemptFence::enter(folder(id), entering, wait);
    if (!fence &&
        (fence.error().fault == Fault::invalid || fence.error().fault == Fault::missing)) {
        return {};  // higher already, or somebody removed the folder: nothing to publish into
    }
    return fence ? fence->set(number) : std::unexpected(fence.error());
}

Result<void> JobFolders::close_log(const Job& job, std::string_view words) const {
    auto log = TRY(JobLog::open(log_file(job), job.attempt));
    return log.close_with(words);
}

Result<void> JobFolders::write_manifest(const std::string& id, std::string_view manifest) const {
    TRY(system::make_folder(folder(id)));
    system::Draft draft(folder(id) / ".manifest.json");
    TRY(system::write_file(draft.path(), manifest));
    std::error_code error;
    fs::rename(draft.path(), folder(id) / "manifest.json", error);
    if (error) {
        return fail(Fault::broken, fmt::format("rename {} to manifest.json: {}",
                                               draft.path().native(), error.message()));
    }
    draft.keep();
    return {};
}

}  // namespace img::jobs
