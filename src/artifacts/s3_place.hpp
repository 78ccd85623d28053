// Where in an S3 service images lie, and who may put them there.
#pragma once

#include "base/result.hpp"
#include "jobs/job_queue.hpp"

#include <filesystem>
#include <string>
#include <string_view>

namespace img::artifacts {

struct S3Place {
    std::string bucket{};
    std::string prefix{};    ///< "" or with a slash at its end.
    std::string endpoint{};  ///< "https://s3.eu-central-1.amazonaws.com", without a last slash.
    std::string region{};
};

/// s3://BUCKET/PREFIX?endpoint=URL&region=NAME; without an endpoint Amazon's of the region, without
/// a region us-east-1. Fault::invalid: not such a URL.
Result<S3Place> s3_place_from(const std::string& url);

/// As jobs::Job::place has it: s3://BUCKET/PREFIX<id>/<attempt>/. Attempts lie apart, for nothing
/// in S3 could fence a late one off.
std::string job_place(const S3Place& place, const std::string& id, unsigned attempt);

/// The path of an object under the endpoint, encoded: "/BUCKET/PREFIX<id>/<attempt>/<file>".
std::string object_path(const S3Place& place,
                        const std::string& id,
                        unsigned attempt,
                        std::string_view file);

/// Of a file in a folder that job_place() made. Fault::missing: it is not below `place`.
Result<std::string> object_path(const S3Place& place,
                                std::string_view job_place,
                                std::string_view file);

/// The beginning of all keys of a job, whatever their attempt: "PREFIX<id>/", of a place that
/// job_place() made. Fault::missing: it is not below `place`, or not that job's.
Result<std::string> job_keys(const S3Place& place,
                             std::string_view job_place,
                             const std::string& id);

/// Whether a place that job_place() made is below this one.
bool is_below(const S3Place& place, std::string_view job_place);

/// The path of an object under the endpoint, encoded.
std::string key_path(const S3Place& place, std::string_view key);

struct S3Credentials {
    std::string key_id{}, secret{};
};

/// Lines AWS_ACCESS_KEY_ID=… and AWS_SECRET_ACCESS_KEY=… of the file; without a file, what the
/// environment has under these names. Fault::invalid: they are not there.
Result<S3Credentials> read_s3_credentials(const std::filesystem::path& file);

}  // namespace img::artifacts
