// Which attempt of a job may publish into its folder: once a newer one may, no older one can.
#pragma once

#include "base/result.hpp"
#include "system/fd.hpp"

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

    /// Raises the number to `attempt` and holds the lock until the fence is dropped.
    /// Fault::invalid: a newer attempt was here; Fault::transient: someone else has held the lock
    /// for five seconds; Fault::missing: there is no such folder.
    static Result<AttemptFence> enter(const std::filesystem::path& folder, unsigned attempt);

    /// Whether enter() would let the attempt in as things stand, and why not; changes nothing.
    static Result<void> check(const std::filesystem::path& folder, unsigned attempt);

private:
    explicit AttemptFence(system::Fd file) : file_(std::move(file)) {}

    system::Fd file_;  ///< Closing it lets go of the lock.
};

}  // namespace img::jobs
