// Where finished images go, so that others can fetch them.
#pragma once

#include "base/result.hpp"
#include "jobs/job_queue.hpp"

#include <filesystem>
#include <memory>

namespace img::worker {

class ArtifactStore {
public:
    virtual ~ArtifactStore() = default;

    /// Publishes the files of `folder` as those of the job; `folder` is of no use afterwards.
    /// manifest.json comes last: while it is there, all of it is there. Doing it again with the
    /// same files changes nothing. Fault::invalid: a newer attempt of the job has begun, or the job
    /// is over, and nothing was published; Fault::exhausted: no room.
    virtual Result<void> publish(const jobs::BuildOrder& order,
                                 const std::filesystem::path& folder) = 0;
};

/// www_root/<id> on this machine, on the same file system as the workers' folders: files are
/// synchronised and then renamed, so a reader sees a whole file or none. Only plain files are
/// taken; hidden names, <name>.ks and <name>.log are the service's own and stay as they are.
std::unique_ptr<ArtifactStore> file_artifacts(std::filesystem::path www_root);

}  // namespace img::worker
