// Artefacts as objects of an S3 bucket.
#pragma once

#include "artifacts/artifacts.hpp"
#include "artifacts/s3_client.hpp"

#include <cstdint>
#include <memory>

namespace img::artifacts {

/// Bytes of each part of an upload: 8 MiB, or as many MiB as leave it within the 10 000 parts that
/// S3 allows (Amazon S3 User Guide, "multipart upload limits"; none but the last below 5 MiB).
std::uint64_t part_size_for(std::uint64_t file_size);

/// Holes are sent as zeros: S3 knows none.
std::unique_ptr<ArtifactStore> s3_artifacts(S3ClientOptions options);

}  // namespace img::artifacts
