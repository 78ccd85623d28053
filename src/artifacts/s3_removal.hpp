// Removes images from S3, for retention.
#pragma once

#include "artifacts/s3_client.hpp"
#include "jobs/retention.hpp"

#include <memory>

namespace img::artifacts {

/// Removes what S3 lists below PREFIX<id>/, not what the manifest names: an attempt whose worker
/// was lost has left objects that no manifest has, and half an upload. The credentials need the
/// rights to list and to delete.
std::unique_ptr<jobs::ImagesElsewhere> images_in_s3(S3ClientOptions options);

}  // namespace img::artifacts
