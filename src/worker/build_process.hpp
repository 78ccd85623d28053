// A program that is stopped with everything that came of it, and dies with us.
#pragma once

#include "base/result.hpp"
#include "system/fd.hpp"

#include <string>
#include <sys/types.h>
#include <vector>

namespace img::worker {

/// Between us and the program stands a small process of our own, the warden. It adopts whatever
/// the program leaves behind (PR_SET_CHILD_SUBREAPER), so nothing gets away by forking twice or
/// by a session of its own, and it ends only when all of it is gone: when the program ends, when
/// it is told to stop, and when we die, however we die. No cgroup is needed for that, which an
/// ordinary user may not have.
class BuildProcess {
public:
    struct Start {
        std::vector<std::string> argv;         ///< argv[0] is a path.
        std::vector<std::string> environment;  ///< All of it.
        int keep_open = -1;  ///< A file that the warden holds open until all is gone.
    };

    /// Must be called, and the process waited for, from one thread: the kernel ties "dies with
    /// us" to it. Fault::missing: no such program; Fault::exhausted: no process to be had.
    static Result<BuildProcess> start(const Start& start);
    BuildProcess(BuildProcess&&) noexcept = default;
    BuildProcess& operator=(BuildProcess&&) = delete;
    ~BuildProcess();  ///< Kills it if it still runs.

    int output() const { return output_.get(); }  ///< Its standard output.
    int errors() const { return errors_.get(); }
    int ended() const { return pidfd_.get(); }  ///< Readable once all of it is gone.

    /// SIGTERM to the program and its group; a second later SIGKILL to everything.
    void stop();
    /// The program's exit status, or 128 + the signal's number. Once, after ended().
    int wait();

private:
    BuildProcess() = default;

    pid_t pid_ = -1;  ///< Of the warden.
    system::Fd pidfd_, output_, errors_;
};

}  // namespace img::worker
