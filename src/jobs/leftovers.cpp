#include "jobs/leftovers.hpp"

#include "jobs/attempt_fence.hpp"
#include "jobs/image_files.hpp"
#include "system/kill_point.hpp"

#include <system_error>
#include <vector>

namespace img::jobs {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t kPage = 500;

/// The manifest first: while it is there, all that it names is.
Result<std::vector<fs::path>> leftovers(const fs::path& folder) {
    auto files = TRY(image_files(folder));
    const auto manifest = folder / "manifest.json";
    std::error_code error;
    if (fs::exists(fs::symlink_status(manifest, error))) {
        files.insert(files.begin(), manifest);
    }
    return files;
}

/// Whether there was something that could be removed.
Result<bool> clean(const fs::path& folder) {
    if (TRY(leftovers(folder)).empty()) {
        return false;
    }
    auto fence = TRY(AttemptFence::hold(folder));
    TRY(fence.set(AttemptFence::kClosed));
    system::kill_point("leftovers.closed");
    const auto files = TRY(leftovers(folder));  // again: one may have been publishing
    const auto locks = lock_files(files);
    if (!locks) {
        return false;
    }
    TRY(remove_files(files));
    return true;
}

}  // namespace

Result<std::size_t> sweep_leftovers(JobStore& store,
                                    const fs::path& www_root,
                                    const std::stop_token& stop) {
    std::size_t count = 0;
    Result<void> outcome;  // one that cannot be cleaned does not keep the others
    for (const auto state : {JobState::error, JobState::cancelled}) {
        JobFilter filter{.state = state, .limit = kPage};
        for (bool is_page_full = true; is_page_full;) {
            const auto page = TRY(store.list(filter));
            for (const auto& job : page) {
                if (stop.stop_requested()) {
                    return fail(Fault::transient, "the sweep of leftovers was stopped");
                }
                const auto cleaned = clean(www_root / job.id);
                outcome = cleaned ? outcome : std::unexpected(cleaned.error());
                count += cleaned.value_or(false) ? 1U : 0U;
            }
            is_page_full = page.size() == kPage;
            filter.before = is_page_full ? page.back().id : std::string();
        }
    }
    TRY(outcome);
    return count;
}

}  // namespace img::jobs
