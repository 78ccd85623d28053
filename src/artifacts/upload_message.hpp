// What a worker and imgd say to each other when artefacts are uploaded.
#pragma once

#include "artifacts/artifact_files.hpp"
#include "base/result.hpp"

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace img::artifacts {

/// The files of one attempt of a job; each must be there, whole, before any is published.
struct UploadFile {
    std::string name{};
    std::uint64_t size = 0;  ///< In bytes, holes included.
    std::string sha256{};    ///< 64 lower-case hexadecimal digits.
};

/// What imgd has of them.
struct UploadState {
    bool is_published = false;                     ///< All is done; nothing is to be sent.
    std::map<std::string, std::uint64_t> there{};  ///< Bytes of each file that came so far.
};

inline constexpr std::string_view kUploadsPath = "/api/v1/uploads/";

/// POST: begins or goes on; UploadFiles in, an UploadState out.
std::string upload_path(std::string_view id, unsigned attempt);
/// PUT: bytes for this place in the file.
std::string upload_path(std::string_view id,
                        unsigned attempt,
                        std::string_view file,
                        std::uint64_t offset);
/// POST: UploadFiles in; from then on the job has them.
std::string upload_publish_path(std::string_view id, unsigned attempt);

/// {"files":[{"name":"debian.raw","size":42,"sha256":"…"}]}
std::string to_json(const std::vector<UploadFile>& files);
/// Fault::invalid: not that; a name that is_artifact_name() refuses; one twice; no manifest.json;
/// more than kFilesMax files, or sizes beyond 2^62 in all.
Result<std::vector<UploadFile>> upload_files_from(std::string_view json);

/// {"published":false,"there":{"debian.raw":42}}
std::string to_json(const UploadState& state);
/// Fault::broken: not that.
Result<UploadState> upload_state_from(std::string_view json);

}  // namespace img::artifacts
