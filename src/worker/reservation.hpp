// Memory and disk that builds have been promised, so that no two are promised the same bytes.
#pragma once

#include "base/result.hpp"

#include <atomic>
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <string>

namespace img::worker {

/// Bytes of each kind.
struct Room {
    std::uint64_t memory = 0;
    std::uint64_t disk = 0;
};

/// What there is, and how much of what is in use belongs to our own builds.
struct Measured {
    Room available{};
    Room used_by_builds{};
};

/// Each build is promised `per_build` (0: that kind is not counted) before it starts. A promise
/// counts until its build has used it: free is what is measured, less what was promised and is not
/// in use yet.
class Reservations {
public:
    using Measure = std::function<Result<Measured>()>;

    Reservations(Room per_build, Measure measure);

    /// A promise, until it is dropped. May outlive the Reservations.
    using Held = std::shared_ptr<void>;
    /// Fault::exhausted: "disk: 2.0 GiB free, a build needs 4.0 GiB".
    Result<Held> reserve();

    struct Outlook {
        unsigned builds = 0;     ///< That could begin now, at most as many as asked for.
        std::string shortage{};  ///< Why not all of them; as reserve() says it.
    };
    Outlook look(unsigned builds) const;

private:
    Result<Room> free() const;
    std::string shortage(const Room& free) const;

    const Room per_build_;
    const Measure measure_;
    std::mutex mutex_;  ///< From looking to promising.
    std::shared_ptr<std::atomic<unsigned>> builds_ =
        std::make_shared<std::atomic<unsigned>>(0);  ///< That hold a promise.
};

}  // namespace img::worker
