#include "artifacts/s3_signature.hpp"

#include "base/digest.hpp"
#include "http/url.hpp"

#include <array>
#include <fmt/chrono.h>
#include <fmt/format.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>

namespace img::artifacts {
namespace {

constexpr std::string_view kAlgorithm = "AWS4-HMAC-SHA256";

std::string hmac(std::string_view key, std::string_view text) {
    std::array<unsigned char, EVP_MAX_MD_SIZE> digest{};
    unsigned size = 0;
    ::HMAC(::EVP_sha256(), key.data(), static_cast<int>(key.size()),
           reinterpret_cast<const unsigned char*>(text.data()), text.size(), digest.data(), &size);
    return {reinterpret_cast<const char*>(digest.data()), size};
}

std::string hex(std::string_view bytes) {
    std::string text;
    for (const char byte : bytes) {
        text += fmt::format("{:02x}", static_cast<unsigned char>(byte));
    }
    return text;
}

/// What a signature holds for: a day, a region and a service.
std::string scope_of(const SignedRequest& request) {
    return fmt::format("{}/{}/s3/aws4_request", request.time.substr(0, 8), request.region);
}

std::string query_of(const SignedRequest& request) {
    std::string text;
    for (const auto& [name, value] : request.query) {
        text += fmt::format("{}{}={}", text.empty() ? "" : "&", http::percent_encode(name),
                            http::percent_encode(value));
    }
    return text;
}

std::string signed_names(const SignedRequest& request) {
    std::string names;
    for (const auto& [name, value] : request.headers) {
        names += fmt::format("{}{}", names.empty() ? "" : ";", name);
    }
    return names;
}

std::string canonical(const SignedRequest& request) {
    std::string headers;
    for (const auto& [name, value] : request.headers) {
        headers += fmt::format("{}:{}\n", name, value);
    }
    return fmt::format("{}\n{}\n{}\n{}\n{}\n{}", request.method, request.path, query_of(request),
                       headers, signed_names(request), request.payload);
}

}  // namespace

std::string signature_of(const SignedRequest& request, const std::string& secret) {
    const auto day = hmac("AWS4" + secret, request.time.substr(0, 8));
    const auto key = hmac(hmac(hmac(day, request.region), "s3"), "aws4_request");
    return hex(hmac(key, fmt::format("{}\n{}\n{}\n{}", kAlgorithm, request.time, scope_of(request),
                                     sha256_hex(canonical(request)))));
}

std::string presigned_url(const S3Place& place,
                          const S3Credentials& credentials,
                          const std::string& path,
                          std::chrono::seconds valid,
                          LinkTime now) {
    const auto host = place.endpoint.substr(place.endpoint.find("://") + 3);
    SignedRequest request{
        .path = path,
        .headers = {{"host", host}},
        .payload = "UNSIGNED-PAYLOAD",
        .time = fmt::format("{:%Y%m%dT%H%M%SZ}",
                            fmt::gmtime(std::chrono::system_clock::to_time_t(now))),
        .region = place.region};
    request.query = {{"X-Amz-Algorithm", std::string(kAlgorithm)},
                     {"X-Amz-Credential", credentials.key_id + "/" + scope_of(request)},
                     {"X-Amz-Date", request.time},
                     {"X-Amz-Expires", std::to_string(valid.count())},
                     {"X-Amz-SignedHeaders", "host"}};
    const auto signature = signature_of(request, credentials.secret);
    return fmt::format("{}{}?{}&X-Amz-Signature={}", place.endpoint, path, query_of(request),
                       signature);
}

}  // namespace img::artifacts
