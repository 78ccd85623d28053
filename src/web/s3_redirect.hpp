// Leads readers to images that lie in S3, by links that hold for an hour.
#pragma once

#include "artifacts/s3_place.hpp"
#include "base/result.hpp"
#include "http/http.hpp"

#include <optional>
#include <string>
#include <string_view>

namespace img::web {

/// As workers publish to; links need no right but to read.
struct S3Images {
    artifacts::S3Place place{};
    artifacts::S3Credentials credentials{};
};

/// A URL by which this file of a job can be fetched. Fault::missing: this service makes no links
/// into S3, or none to that place.
Result<std::string> s3_link(const std::optional<S3Images>& images,
                            std::string_view job_place,
                            std::string_view file);

/// Sends the reader there, this once: the link is not to be kept.
http::Response lead_to(std::string link);

}  // namespace img::web
