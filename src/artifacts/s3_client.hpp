// The few requests to S3 that a publication needs, and its removal.
#pragma once

#include "artifacts/s3_place.hpp"
#include "base/result.hpp"
#include "http/client.hpp"

#include <chrono>
#include <stop_token>
#include <string>
#include <vector>

namespace img::artifacts {

struct S3ClientOptions {
    S3Place place{};
    S3Credentials credentials{};
    unsigned tries = 6;                    ///< Of one request, with longer and longer pauses.
    std::chrono::milliseconds pause{200};  ///< Before the second.
    /// Of one try: 8 MiB at the pace of a slow line; larger parts take longer only on slower ones.
    std::chrono::seconds timeout{300};
    std::string flag = "--artifacts";  ///< That names the place; failures advise to look at it.
};

/// An upload in parts that has not been finished.
struct S3Upload {
    std::string key{}, upload{};
};

/// Each request is tried again while the service is away or asks for patience. Fault::transient: it
/// stayed so, or an upload in parts is gone: begin again; Fault::missing: there is no such bucket;
/// Fault::broken: it refuses us.
class S3Client {
public:
    S3Client(const S3ClientOptions& options, std::stop_token stop);

    Result<void> put(const std::string& path, const std::string& bytes);

    /// The number of an upload in parts.
    Result<std::string> begin_parts(const std::string& path);
    /// Parts count from 1. What finish_parts() has to name it by.
    Result<std::string> put_part(const std::string& path,
                                 const std::string& upload,
                                 unsigned part,
                                 const std::string& bytes);
    Result<void> finish_parts(const std::string& path,
                              const std::string& upload,
                              const std::vector<std::string>& tags);
    /// What came of it so far is thrown away; what cannot be is for the bucket's own rules.
    void abort_parts(const std::string& path, const std::string& upload);

    /// What is not there is removed.
    Result<void> remove(const std::string& path);
    Result<void> remove_parts(const std::string& path, const std::string& upload);

    /// Keys that begin so, in the place's bucket: the first 1000.
    Result<std::vector<std::string>> list(const std::string& prefix);
    /// Of such keys. None where the service has no such request: not every one has it.
    Result<std::vector<S3Upload>> list_parts(const std::string& prefix);

private:
    Result<http::Response> ask(http::Method method,
                               const std::string& path,
                               const std::string& body = {});
    Result<http::Response> send(http::Method method,
                                const std::string& path,
                                const std::string& body);
    Error error_of(const Result<http::Response>& answer) const;

    const S3ClientOptions& options_;
    const std::stop_token stop_;
    http::Client client_;
};

}  // namespace img::artifacts
