// Which files of a build's folder are its artefacts.
#pragma once

#include "base/result.hpp"

#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

namespace img::artifacts {

inline constexpr std::string_view kManifest = "manifest.json";
inline constexpr std::size_t kFilesMax = 1000;  ///< A build makes five or so.

struct ArtifactFile {
    std::string name{};
    std::uint64_t size = 0;  ///< In bytes.
};

/// The plain files of `folder` that are the build's to give, the manifest last. Fault::broken:
/// there is none, or there are more than kFilesMax files.
Result<std::vector<ArtifactFile>> artifact_files(const std::filesystem::path& folder);

std::uint64_t total_size(const std::vector<ArtifactFile>& files);

/// Whether an artefact may have this name: at most 200 printable ASCII characters, no blank, no
/// slash, no dot at the beginning; *.ks and *.log are the service's own.
bool is_artifact_name(std::string_view name);

}  // namespace img::artifacts
