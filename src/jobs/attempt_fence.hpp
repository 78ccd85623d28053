// Which attempt of a job may publish into its folder: once a newer one may, no older one can.
#pragma once

#include "base/result.hpp"
#include "system/fd.hpp"

#include <chrono>
#include <filesystem>
#include <limits>

namespace img::jobs {

/// The number in the file .attempt of a job's folder, held under that file's lock. Workers have
/// no key to the database, so this file is how a worker that was given up for lost, and is not,
/// learns at the last moment that its images are no longer wanted.
class AttemptFence {
public:
    /// Beyond every attempt: the job is over and nothing may be published any more.
    static constexpr unsigned kClosed = std::numeric_limits<unsigned>::max();

    static constexpr std::chrono::milliseconds kLockWait = std::chrono::seconds(5);

    /// Raises the number to `attempt` and holds the lock until the fence is dropped.
    /// Fault::invalid: a newer attempt was here; Fault::transient: someone else has held the lock
    /// for `wait`; Fault::missing: there is no such folder.
    static Result<AttemptFence> enter(const std::filesystem::path& folder,
                                      unsigned attempt,
                                      std::chrono::milliseconds wait = kLockWait);

    /// Whether enter() would let the attempt in as things stand, and why not; changes nothing.
    static Result<void> check(const std::filesystem::path& folder, unsigned attempt);

    /// Holds the lock whatever the number is: for the service, which may set it as the database
    /// has it. Faults as those of enter(), but for Fault::invalid.
    static Result<AttemptFence> hold(const std::filesystem::path& folder,
                                     std::chrono::milliseconds wait = kLockWait);
    unsigned newest() const { return newest_; }
    Result<void> set(unsigned attempt);

private:
    AttemptFence(system::Fd file, std::filesystem::path path, unsigned newest)
        : file_(std::move(file)), path_(std::move(path)), newest_(newest) {}

    system::Fd file_;  ///< Closing it lets go of the lock.
    std::filesystem::path path_;
    unsigned newest_ = 0;
};

}  // namespace img::jobs
