// The folders of jobs under the www-root: kickstart, log and artefacts of each.
#pragma once

#include "base/result.hpp"
#include "jobs/attempt_fence.hpp"
#include "jobs/job.hpp"

#include <filesystem>
#include <string>
#include <string_view>

namespace img::jobs {

/// Nothing here is remembered: the folders are the truth, and several services may share them.
class JobFolders {
public:
    /// `floor`: bytes that must be free for a new job; 0: none need be.
    explicit JobFolders(std::filesystem::path root, std::uint64_t floor = 0)
        : root_(std::move(root)), floor_(floor) {}

    const std::filesystem::path& root() const { return root_; }
    std::filesystem::path folder(const std::string& id) const { return root_ / id; }
    /// There from the first line on. Only ever appended to.
    std::filesystem::path log_file(const Job& job) const;

    /// Fault::exhausted where less than the floor is free; the sentence says how much.
    Result<void> check_room() const;

    /// Makes the folder and the kickstart's file in it, or mends it. Not synchronised to disk: the
    /// row is, and holds the same text.
    Result<void> write_kickstart(const Job& job) const;
    bool has_kickstart(const Job& job) const;
    void remove(const std::string& id) const;

    /// From now on no older attempt can publish. A fence that is higher already stays.
    Result<void> raise_fence(const std::string& id,
                             unsigned attempt,
                             std::chrono::milliseconds wait = AttemptFence::kLockWait) const;
    /// The attempt has ended: nobody can publish any more, unless a newer one has begun.
    Result<void> close_fence(const std::string& id, unsigned attempt) const;

    /// Ends the log with the words of the service.
    Result<void> close_log(const Job& job, std::string_view words) const;

    /// What the worker wrote of artefacts that lie elsewhere.
    Result<void> write_manifest(const std::string& id, std::string_view manifest) const;

private:
    Result<void> move_fence(const std::string& id,
                            unsigned entering,
                            unsigned number,
                            std::chrono::milliseconds wait) const;

    std::filesystem::path root_;
    std::uint64_t floor_;
};

}  // namespace img::jobs
