// The seam between having a job built and the place where it is built.
#pragma once

#include "engine/event.hpp"
#include "jobs/job_queue.hpp"

#include <filesystem>
#include <stop_token>
#include <variant>

namespace img::worker {

/// One build, and the folder that it alone may write to.
struct BuildTask {
    jobs::BuildOrder order;
    std::filesystem::path folder;  ///< Empty at first. The artefacts end up in folder/out.
    int lock = -1;  ///< Held open by whatever outlives us: while it is, the folder is in use.
};

/// It was told to stop, or somebody killed it: no process of the build is left. Where no cancel
/// explains it, the job is tried again as if its worker had been lost.
struct Stopped {};

/// A build's end. Finished::folder holds the artefacts, on the file system of BuildTask::folder.
using Outcome = std::variant<engine::Finished, engine::Failed, Stopped>;

class Executor {
public:
    virtual ~Executor() = default;

    /// Builds, telling `events` of progress and log lines from the calling thread, and returns
    /// when every process of the build is gone. After a stop request that is within 2 s. Several
    /// threads may call it at once.
    virtual Outcome build(const BuildTask& task,
                          const engine::EventSink& events,
                          std::stop_token stop) = 0;
};

}  // namespace img::worker
