// The folder that one attempt may write to, and what becomes of those that were left behind.
#pragma once

#include "base/result.hpp"
#include "system/fd.hpp"

#include <filesystem>
#include <vector>

namespace img::worker {

/// <work>/<id>.<attempt>, locked while it is in use and gone with its owner. The lock is on the
/// folder itself and goes with the last process that holds it open.
class WorkFolder {
public:
    /// Empty, whatever was there before. Fault::transient: a process of an earlier build of the
    /// same attempt still holds it.
    static Result<WorkFolder> make(const std::filesystem::path& work,
                                   const std::string& id,
                                   unsigned attempt);
    WorkFolder(WorkFolder&&) noexcept = default;
    WorkFolder& operator=(WorkFolder&&) = delete;
    ~WorkFolder();

    const std::filesystem::path& path() const { return path_; }
    int lock() const { return lock_.get(); }

private:
    WorkFolder(std::filesystem::path path, system::Fd lock)
        : path_(std::move(path)), lock_(std::move(lock)) {}

    std::filesystem::path path_;
    system::Fd lock_;
};

/// Removes the folders under `work` that no process holds: those of workers that were killed.
/// Gives back the ones that could not be removed, for the log of whoever starts.
std::vector<std::filesystem::path> remove_left_over(const std::filesystem::path& work);

}  // namespace img::worker
