#include "worker/artifact_store.hpp"

#include "jobs/attempt_fence.hpp"
#include "system/fd.hpp"

#include <algorithm>
#include <cerrno>
#include <fcntl.h>
#include <fmt/format.h>
#include <string>
#include <sys/stat.h>
#include <system_error>
#include <vector>

namespace img::worker {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view kManifest = "manifest.json";
constexpr std::size_t kFilesMax = 1000;  // a build makes five or so

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

class FileArtifacts : public ArtifactStore {
public:
    explicit FileArtifacts(fs::path www_root) : www_root_(std::move(www_root)) {}

    Result<void> publish(const jobs::BuildOrder& order, const fs::path& folder) override;

private:
    fs::path www_root_;
};

/// Names of the plain files in `folder` that are the build's to give, the manifest last.
Result<std::vector<std::string>> artefacts(const jobs::BuildOrder& order, const fs::path& folder) {
    std::error_code error;
    std::vector<std::string> names;
    fs::directory_iterator entry(folder, error);
    for (; !error && entry != fs::directory_iterator(); entry.increment(error)) {
        const auto name = entry->path().filename().native();
        if (name.starts_with('.') || name == order.request.name + ".ks" ||
            name == order.request.name + ".log" ||
            entry->symlink_status(error).type() != fs::file_type::regular) {
            continue;
        }
        names.push_back(name);
        if (names.size() > kFilesMax) {
            return fail(Fault::broken,
                        fmt::format("publish {}: more than {} files", folder.native(), kFilesMax));
        }
    }
    if (error) {
        return fail(Fault::broken, fmt::format("publish {}: {}", folder.native(), error.message()));
    }
    const auto manifest = std::ranges::find(names, kManifest);
    if (manifest == names.end()) {
        return fail(Fault::broken,
                    fmt::format("publish {}: the build left no {}", folder.native(), kManifest));
    }
    std::rotate(manifest, manifest + 1, names.end());
    return names;
}

Result<void> FileArtifacts::publish(const jobs::BuildOrder& order, const fs::path& folder) {
    const auto target = www_root_ / order.id;
    const auto names = TRY(artefacts(order, folder));
    for (const auto& name : names) {
        // Before the fence: gigabytes take seconds to reach the disk, and others wait for it.
        TRY(synchronise(folder / name, 0));
        ::chmod((folder / name).c_str(), 0644);  // the engine's umask is not the web's concern
    }
    const auto fence = TRY(jobs::AttemptFence::enter(target, order.attempt));
    if (::unlink((target / kManifest).c_str()) != 0 && errno != ENOENT) {
        return failed("remove", target / kManifest);
    }
    for (const auto& name : names) {
        if (name == kManifest) {
            TRY(synchronise(target, O_DIRECTORY));
        }
        TRY(move_file(folder / name, target / name));
    }
    return synchronise(target, O_DIRECTORY);
}

}  // namespace

std::unique_ptr<ArtifactStore> file_artifacts(fs::path www_root) {
    return std::make_unique<FileArtifacts>(std::move(www_root));
}

}  // namespace img::worker
