#include "artifacts/artifact_files.hpp"
#include "artifacts/artifacts.hpp"
#include "jobs/attempt_fence.hpp"
#include "system/fd.hpp"
#include "system/kill_point.hpp"

#include <cerrno>
#include <fcntl.h>
#include <fmt/format.h>
#include <string>
#include <sys/stat.h>
#include <system_error>
#include <vector>

namespace img::artifacts {
namespace {

namespace fs = std::filesystem;

std::unexpected<Error> failed(std::string_view what, const fs::path& path) {
    const int error = errno;
    return fail(
        error == ENOSPC || error == EDQUOT ? Fault::exhausted : Fault::broken,
        fmt::format("{} {}: {}", what, path.native(), std::generic_category().message(error)));
}

/// Opens without following a link that a build may have left.
Result<void> synchronise(const fs::path& path, int flags) {
    const system::Fd fd(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW | flags));
    if (!fd) {
        return failed("open", path);
    }
    if (::fsync(fd.get()) != 0) {
        return failed("synchronise", path);
    }
    return {};
}

Result<void> move_file(const fs::path& from, const fs::path& to) {
    if (::rename(from.c_str(), to.c_str()) == 0) {
        return {};
    }
    if (errno == EXDEV) {
        return fail(Fault::broken, fmt::format("publish {}: {} is on another file system; put the "
                                               "work folder and www-root on one",
                                               from.native(), to.parent_path().native()));
    }
    return failed("publish", to);
}

/// Renames, under the fence. Without a manifest the job has no artefacts, so it goes first and
/// comes last.
Result<void> move_files(const std::vector<ArtifactFile>& files,
                        const fs::path& folder,
                        const fs::path& target) {
    if (::unlink((target / kManifest).c_str()) != 0 && errno != ENOENT) {
        return failed("remove", target / kManifest);
    }
    for (const auto& file : files) {
        if (file.name == kManifest) {
            TRY(synchronise(target, O_DIRECTORY));
            system::kill_point("publish.half");
        }
        TRY(move_file(folder / file.name, target / file.name));
    }
    return synchronise(target, O_DIRECTORY);
}

class FileArtifacts : public ArtifactStore {
public:
    explicit FileArtifacts(fs::path www_root) : www_root_(std::move(www_root)) {}

    Result<Published> publish(const jobs::BuildOrder& order,
                              const fs::path& folder,
                              const Watch& watch) override;

private:
    fs::path www_root_;
};

Result<Published> FileArtifacts::publish(const jobs::BuildOrder& order,
                                         const fs::path& folder,
                                         const Watch& watch) {
    const auto target = www_root_ / order.id;
    const auto files = TRY(artifact_files(folder));
    for (const auto& file : files) {
        if (watch.stop.stop_requested()) {
            return fail(Fault::transient, fmt::format("publish {}: stopped", target.native()));
        }
        // Before the fence: gigabytes take seconds to reach the disk, and others wait for it.
        TRY(synchronise(folder / file.name, 0));
        ::chmod((folder / file.name).c_str(), 0644);  // the engine's umask is not the web's concern
    }
    system::kill_point("publish.synchronised");
    const auto fence = TRY(jobs::AttemptFence::enter(target, order.attempt));
    TRY(move_files(files, folder, target));
    system::kill_point("publish.done");
    return Published{.size = total_size(files)};
}

}  // namespace

std::unique_ptr<ArtifactStore> file_artifacts(fs::path www_root) {
    return std::make_unique<FileArtifacts>(std::move(www_root));
}

}  // namespace img::artifacts
