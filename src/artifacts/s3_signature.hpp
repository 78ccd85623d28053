// AWS Signature Version 4, as S3 wants it: for links that need no credentials for an hour.
#pragma once

#include "artifacts/s3_place.hpp"

#include <chrono>
#include <map>
#include <string>
#include <string_view>

namespace img::artifacts {

/// What is signed, in the words of Amazon's "Signature Version 4 signing process".
struct SignedRequest {
    std::string method = "GET";
    std::string path{};                            ///< Encoded.
    std::map<std::string, std::string> query{};    ///< Not encoded.
    std::map<std::string, std::string> headers{};  ///< Names in lower case; "host" among them.
    std::string payload{};  ///< Its SHA-256 in hexadecimal, or UNSIGNED-PAYLOAD.
    std::string time{};     ///< 20130524T000000Z
    std::string region{};
};

/// 64 hexadecimal digits.
std::string signature_of(const SignedRequest& request, const std::string& secret);

using LinkTime = std::chrono::sys_seconds;

/// A URL by which anybody may fetch this object until `now` + `valid`.
std::string presigned_url(const S3Place& place,
                          const S3Credentials& credentials,
                          const std::string& path,
                          std::chrono::seconds valid,
                          LinkTime now);

}  // namespace img::artifacts
