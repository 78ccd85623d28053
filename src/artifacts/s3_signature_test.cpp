// The numbers are Amazon's own: "Examples: Signature Calculations in AWS Signature Version 4" and
// "Authenticating Requests: Using Query Parameters", Amazon S3 API Reference.
#include "artifacts/s3_signature.hpp"

#include "base/digest.hpp"

#include <gtest/gtest.h>

namespace img::artifacts {
namespace {

using namespace std::chrono;

const S3Credentials kCredentials{.key_id = "AKIAIOSFODNN7EXAMPLE",
                                 .secret = "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY"};
constexpr auto kTime = "20130524T000000Z";
constexpr auto kRegion = "us-east-1";

TEST(S3Signature, IsThatOfThePublishedGetOfARange) {
    const auto empty = sha256_hex("");
    EXPECT_EQ(signature_of({.method = "GET",
                            .path = "/test.txt",
                            .headers = {{"host", "examplebucket.s3.amazonaws.com"},
                                        {"range", "bytes=0-9"},
                                        {"x-amz-content-sha256", empty},
                                        {"x-amz-date", kTime}},
                            .payload = empty,
                            .time = kTime,
                            .region = kRegion},
                           kCredentials.secret),
              "f0e8bdb87c964420e857bd35b5d6ed310bd44f0170aba48dd91039c6036bdb41");
}

TEST(S3Signature, IsThatOfThePublishedPut) {
    const auto digest = sha256_hex("Welcome to Amazon S3.");
    EXPECT_EQ(signature_of({.method = "PUT",
                            .path = "/test%24file.text",
                            .headers = {{"date", "Fri, 24 May 2013 00:00:00 GMT"},
                                        {"host", "examplebucket.s3.amazonaws.com"},
                                        {"x-amz-content-sha256", digest},
                                        {"x-amz-date", kTime},
                                        {"x-amz-storage-class", "REDUCED_REDUNDANCY"}},
                            .payload = digest,
                            .time = kTime,
                            .region = kRegion},
                           kCredentials.secret),
              "98ad721746da40c64f1a55b78f14c238d841ea1380cd77a1b5971af0ece108bd");
}

TEST(S3Signature, IsThatOfThePublishedListing) {
    const auto empty = sha256_hex("");
    EXPECT_EQ(signature_of({.method = "GET",
                            .path = "/",
                            .query = {{"max-keys", "2"}, {"prefix", "J"}},
                            .headers = {{"host", "examplebucket.s3.amazonaws.com"},
                                        {"x-amz-content-sha256", empty},
                                        {"x-amz-date", kTime}},
                            .payload = empty,
                            .time = kTime,
                            .region = kRegion},
                           kCredentials.secret),
              "34b48302e7b5fa45bde8084f4b7868a86f0a534bc59db6670ed5711ef69dc6f7");
}

TEST(S3Signature, GivesThePublishedLink) {
    const S3Place place{.bucket = "examplebucket",
                        .endpoint = "https://examplebucket.s3.amazonaws.com",
                        .region = kRegion};
    EXPECT_EQ(
        presigned_url(place, kCredentials, "/test.txt", seconds(86400), sys_days(2013y / May / 24)),
        "https://examplebucket.s3.amazonaws.com/test.txt?X-Amz-Algorithm=AWS4-HMAC-SHA256&"
        "X-Amz-Credential=AKIAIOSFODNN7EXAMPLE%2F20130524%2Fus-east-1%2Fs3%2Faws4_request&"
        "X-Amz-Date=20130524T000000Z&X-Amz-Expires=86400&X-Amz-SignedHeaders=host&"
        "X-Amz-Signature=aeeed9bbccd4d02ee5c0109b86d86835f995330da4c265957d157751f604d404");
}

}  // namespace
}  // namespace img::artifacts
