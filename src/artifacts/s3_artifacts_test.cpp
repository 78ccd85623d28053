// What the store of S3 objects says to a server that only listens; artifact_places_test.cpp has a
// real one.
#include "artifacts/s3_artifacts.hpp"

#include "artifacts/s3_removal.hpp"
#include "artifacts/s3_signature.hpp"
#include "base/byte_size.hpp"
#include "base/digest.hpp"
#include "http/server.hpp"
#include "http/url.hpp"
#include "tests/support/heard.hpp"
#include "tests/support/temp_folder.hpp"

#include <deque>
#include <fmt/format.h>
#include <gtest/gtest.h>

namespace img::testing {
namespace {

using artifacts::Published;
using artifacts::S3ClientOptions;
using namespace std::literals;

TEST(S3Artifacts, KeepsWithinTheNumberOfPartsThatS3Allows) {
    EXPECT_EQ(artifacts::part_size_for(1), 8 * kMiB);
    EXPECT_EQ(artifacts::part_size_for(80'000 * kMiB), 8 * kMiB);
    EXPECT_EQ(artifacts::part_size_for(80'000 * kMiB + 1), 9 * kMiB);
    const auto largest = 5 * 1024 * kGiB;  // of one object, the same guide says
    EXPECT_LE((largest + artifacts::part_size_for(largest) - 1) / artifacts::part_size_for(largest),
              10'000u);
}

/// Listens as an S3 service would, and remembers what it was asked.
class S3RequestsTest : public ::testing::Test {
protected:
    http::Response answer(const http::Request& request) {
        heard_(request);
        if (request.method == http::Method::get && !lists_.empty()) {
            const auto list = lists_.front();
            lists_.pop_front();
            return http::make_response(list.empty() ? 501 : 200, "application/xml", list);
        }
        if (request.query() == "uploads=") {
            return http::make_response(200, "application/xml", "<UploadId>a/b</UploadId>");
        }
        auto response = http::make_response(status_, "application/xml", body_);
        response.headers.set("ETag", "\"tag\"");
        return response;
    }
    S3ClientOptions options() const {
        return {.place = {.bucket = "images",
                          .prefix = "a b/",
                          .endpoint = fmt::format("http://127.0.0.1:{}", server_.port()),
                          .region = "eu-central-1"},
                .credentials = {.key_id = "AKIDEXAMPLE", .secret = "the secret"},
                .tries = 3,
                .pause = 10ms};
    }
    Result<void> remove() {
        const auto place = artifacts::job_place(options().place, id_, 2);
        return artifacts::images_in_s3(options())->remove({.id = id_, .place = place}, {});
    }
    std::string key(const std::string& rest) const { return "a b/" + id_ + "/" + rest; }
    Result<Published> publish(std::size_t size) {
        const auto out = folder_.path() / "out";
        folder_.write("out/debian.raw", std::string(size, 'x'));
        folder_.write("out/manifest.json", "{}");
        return artifacts::s3_artifacts(options())->publish({.id = jobs::new_job_id()}, out);
    }
    /// Signs it as it came, by our own reading of the documentation.
    std::string expected_authorization(const http::Request& request);

    TempFolder folder_;
    Heard<http::Request> heard_;
    int status_ = 200;
    std::string body_;
    std::deque<std::string> lists_;  ///< Answers of a GET, one after the other; empty: 501.
    const std::string id_ = jobs::new_job_id();
    http::Server server_ =
        http::Server::start({}, [this](const auto& request) { return answer(request); }).value();
};

std::string S3RequestsTest::expected_authorization(const http::Request& request) {
    const auto authorization = std::string(request.headers.get("Authorization"));
    const auto names = authorization.substr(authorization.find("SignedHeaders=") + 14);
    artifacts::SignedRequest signed_request{
        .method = std::string(http::to_text(request.method)),
        .path = std::string(request.path()),
        .payload = std::string(request.headers.get("x-amz-content-sha256")),
        .time = std::string(request.headers.get("x-amz-date")),
        .region = "eu-central-1"};
    for (const auto& [name, value] : http::parse_query(request.query())) {
        signed_request.query[name] = value;
    }
    std::string list = names.substr(0, names.find(','));
    const std::string all = list;
    for (std::size_t end = 0; end != std::string::npos;) {
        end = list.find(';');
        const auto name = list.substr(0, end);
        signed_request.headers[name] = request.headers.get(name);
        list = end == std::string::npos ? "" : list.substr(end + 1);
    }
    return fmt::format(
        "AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/{}/eu-central-1/s3/aws4_request, "
        "SignedHeaders={}, Signature={}",
        signed_request.time.substr(0, 8), all,
        artifacts::signature_of(signed_request, "the secret"));
}

TEST_F(S3RequestsTest, SignsEachRequestAsTheDocumentationSays) {
    ASSERT_TRUE(publish(9 << 20));
    const auto requests = heard_.wait_for(5);
    ASSERT_EQ(requests.size(), 5u);  // begin, two parts, end, manifest
    for (const auto& request : requests) {
        EXPECT_EQ(request.headers.get("Authorization"), expected_authorization(request));
        EXPECT_NE(request.headers.get("Authorization").find("host;x-amz-content-sha256;x-amz-date"),
                  std::string_view::npos);
        EXPECT_EQ(request.headers.get("x-amz-content-sha256"), sha256_hex(request.body));
        EXPECT_TRUE(request.path().starts_with("/images/a%20b/")) << request.target;
    }
    EXPECT_EQ(requests[2].parameter("partNumber"), "2");
    EXPECT_EQ(requests[2].parameter("uploadId"), "a/b");
    EXPECT_EQ(requests[3].body,
              "<CompleteMultipartUpload>"
              "<Part><PartNumber>1</PartNumber><ETag>\"tag\"</ETag></Part>"
              "<Part><PartNumber>2</PartNumber><ETag>\"tag\"</ETag></Part>"
              "</CompleteMultipartUpload>");
}

TEST_F(S3RequestsTest, ThrowsThePartsAwayWhenItGivesUp) {
    status_ = 503;
    body_ = "<Error><Code>SlowDown</Code><Message>less</Message></Error>";
    const auto published = publish(9 << 20);
    ASSERT_FALSE(published);
    EXPECT_EQ(published.error().fault, Fault::transient);
    const auto requests = heard_.wait_for(5);
    ASSERT_EQ(requests.size(), 5u);  // begin, three tries of the first part, abort
    EXPECT_EQ(requests[4].method, http::Method::del);
    EXPECT_EQ(requests[4].parameter("uploadId"), "a/b");
    EXPECT_EQ(requests[4].headers.get("Authorization"), expected_authorization(requests[4]));
}

TEST_F(S3RequestsTest, SaysWhyItIsRefusedAndKeepsTheSecret) {
    status_ = 403;
    body_ = "<Error><Code>InvalidAccessKeyId</Code><Message>who?</Message></Error>";
    const auto published = publish(1);
    ASSERT_FALSE(published);
    EXPECT_EQ(published.error().fault, Fault::broken);
    EXPECT_NE(published.error().message.find("403 InvalidAccessKeyId who?"), std::string::npos);
    EXPECT_EQ(published.error().message.find("secret"), std::string::npos);
    EXPECT_EQ(heard_.size(), 1u);
}

TEST_F(S3RequestsTest, BelievesNoGoodStatusOverAnError) {
    body_ = "<Error><Code>InternalError</Code><Message>oh</Message></Error>";
    const auto published = publish(9 << 20);
    ASSERT_FALSE(published);
    EXPECT_EQ(published.error().fault, Fault::transient);
}

TEST_F(S3RequestsTest, RemovesHalfUploadsAndObjectsOfEveryAttempt) {
    status_ = 204;
    lists_ = {"<R><Upload><Key>" + key("1/x.raw") +
                  "</Key><UploadId>c/d</UploadId><Owner><ID>1</ID></Owner></Upload>"
                  "<Upload><Key>" +
                  key("2/x.raw") + "</Key><UploadId>e</UploadId></Upload></R>",
              "<R><Contents><Key>" + key("1/x.raw") + "</Key></Contents><Contents><Key>" +
                  key("2/a&amp;lt;&#39;b&#x3c;") + "</Key></Contents></R>",
              "<R></R>"};
    const auto removed = remove();
    ASSERT_TRUE(removed) << removed.error().message;
    const auto requests = heard_.wait_for(7);
    ASSERT_EQ(requests.size(), 7u);
    std::vector<std::string> said;
    for (const auto& request : requests) {
        EXPECT_EQ(request.headers.get("Authorization"), expected_authorization(request));
        said.push_back(std::string(http::to_text(request.method)) + " " + request.target);
    }
    const auto keys = "%2F" + id_ + "%2F", path = "/images/a%20b/" + id_;
    EXPECT_EQ(said, (std::vector<std::string>{
                        "GET /images?prefix=a%20b" + keys + "&uploads=",
                        "DELETE " + path + "/1/x.raw?uploadId=c%2Fd",
                        "DELETE " + path + "/2/x.raw?uploadId=e",
                        "GET /images?list-type=2&prefix=a%20b" + keys,
                        "DELETE " + path + "/1/x.raw",
                        "DELETE " + path + "/2/a%26lt%3B%27b%3C",
                        "GET /images?list-type=2&prefix=a%20b" + keys,
                    }));
}

TEST_F(S3RequestsTest, RemovesNothingThatAnotherJobHas) {
    status_ = 204;
    const auto other = "<R><Contents><Key>a b/other/1/x.raw</Key></Contents></R>";
    lists_ = {"", other};
    const auto removed = remove();
    ASSERT_FALSE(removed);
    EXPECT_EQ(removed.error().fault, Fault::broken);
    EXPECT_EQ(heard_.size(), 2u) << "it lists, and deletes nothing";
    const auto mistaken = artifacts::images_in_s3(options())->remove(
        {.id = id_, .place = artifacts::job_place(options().place, jobs::new_job_id(), 1)}, {});
    EXPECT_FALSE(mistaken);
    EXPECT_EQ(heard_.size(), 2u);
}

TEST_F(S3RequestsTest, SaysWhichRightsItMissesForRemoving) {
    status_ = 403;
    body_ = "<Error><Code>AccessDenied</Code><Message>no</Message></Error>";
    const auto removed = remove();
    ASSERT_FALSE(removed);
    EXPECT_EQ(removed.error().fault, Fault::broken);
    EXPECT_NE(removed.error().message.find("rights to list and to delete"), std::string::npos);
    EXPECT_EQ(heard_.size(), 1u);
}

TEST_F(S3RequestsTest, GivesUpRemovingFromAPlaceThatLosesNothing) {
    for (int i = 0; i < 20; ++i) {
        lists_.push_back("<R><Contents><Key>" + key("1/x") + "</Key></Contents></R>");
    }
    const auto removed = remove();
    ASSERT_FALSE(removed);
    EXPECT_EQ(removed.error().fault, Fault::broken);
}

}  // namespace
}  // namespace img::testing
