#include "artifacts/artifact_files.hpp"

#include <algorithm>
#include <fmt/format.h>
#include <system_error>

namespace img::artifacts {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t kNameMax = 200;

/// A link that a build has left could lead anywhere: only plain files are its own.
bool is_given(const fs::directory_entry& entry) {
    std::error_code ignored;
    return is_artifact_name(entry.path().filename().native()) &&
           entry.symlink_status(ignored).type() == fs::file_type::regular;
}

}  // namespace

Result<std::vector<ArtifactFile>> artifact_files(const fs::path& folder) {
    std::error_code error;
    std::vector<ArtifactFile> files;
    fs::directory_iterator entry(folder, error);
    for (; !error && entry != fs::directory_iterator(); entry.increment(error)) {
        if (is_given(*entry)) {
            files.push_back(
                {.name = entry->path().filename().native(), .size = entry->file_size(error)});
        }
        if (files.size() > kFilesMax) {
            return fail(Fault::broken,
                        fmt::format("publish {}: more than {} files", folder.native(), kFilesMax));
        }
    }
    if (error) {
        return fail(Fault::broken, fmt::format("publish {}: {}", folder.native(), error.message()));
    }
    std::ranges::sort(files, {}, &ArtifactFile::name);
    const auto manifest = std::ranges::find(files, kManifest, &ArtifactFile::name);
    if (manifest == files.end()) {
        return fail(Fault::broken,
                    fmt::format("publish {}: the build left no {}", folder.native(), kManifest));
    }
    std::rotate(manifest, manifest + 1, files.end());
    return files;
}

std::uint64_t total_size(const std::vector<ArtifactFile>& files) {
    std::uint64_t total = 0;
    for (const auto& file : files) {
        total += file.size;
    }
    return total;
}

bool is_artifact_name(std::string_view name) {
    return !name.empty() && name.size() <= kNameMax && !name.starts_with('.') &&
           !name.ends_with(".ks") && !name.ends_with(".log") &&
           std::ranges::all_of(name, [](char c) { return c > ' ' && c < 0x7f && c != '/'; });
}

}  // namespace img::artifacts
