// A process in namespaces of its own that sees little of the machine and takes all it started
// along.
#pragma once

#include "base/result.hpp"
#include "system/fd.hpp"

#include <cstdint>
#include <filesystem>
#include <functional>
#include <sys/types.h>
#include <vector>

namespace img::system {

/// A folder or file of the machine that the sandbox sees.
struct Shared {
    std::filesystem::path source;
    std::filesystem::path target;
    bool writable = false;
};

struct SandboxOptions {
    std::vector<Shared> shared{};           ///< Beside /usr and /etc, which it sees read-only.
    std::filesystem::path memory_folder{};  ///< Gets a tmpfs, to be filled with files; empty: none.
    std::uint64_t memory_bytes = 0;         ///< The tmpfs's bound.
};

/// A child that is process 1 of a pid namespace, root of a user namespace, and sees a root folder
/// made of the machine's /usr and /etc (read-only), what is shared, and an empty /tmp. It has the
/// machine's network until it calls leave_network(). When it ends or is killed, and when we end,
/// however we end, the kernel kills every process in it and drops its mounts.
class Sandbox {
public:
    /// Runs `inside` in the child; what it returns is the exit status. `channel` is one end of a
    /// pipe to us: output() reads it. Call this before any thread is started: the child goes on
    /// in a copy of this process. Fault::missing: no subordinate ids; Fault::broken: the kernel
    /// forbids user namespaces.
    static Result<Sandbox> start(const SandboxOptions& options,
                                 const std::function<int(Fd channel)>& inside);

    Sandbox(Sandbox&& other) noexcept;
    Sandbox& operator=(Sandbox&&) = delete;
    ~Sandbox();

    /// What the child writes to its channel; at its end, read() gives 0.
    const Fd& output() const { return output_; }
    /// Everything in it is gone when this returns.
    void kill();
    /// The exit status, or 128 + the signal's number.
    int wait();

private:
    Sandbox(pid_t pid, Fd output) : pid_(pid), output_(std::move(output)) {}

    pid_t pid_ = 0;  ///< Of the keeper, the parent of process 1.
    Fd first_;       ///< A pidfd of process 1.
    Fd output_;
};

/// From inside: no network from now on but a loopback of its own, for this thread and what it
/// starts. Fault::broken.
Result<void> leave_network();

/// From inside: ends and reaps every process of the sandbox but the caller.
void end_other_processes();

}  // namespace img::system
