// Removal from a real S3 server; s3_artifacts_test.cpp has what is asked of one.
#include "artifacts/s3_removal.hpp"

#include "artifacts/s3_artifacts.hpp"
#include "http/client.hpp"
#include "tests/support/cutting_proxy.hpp"
#include "tests/support/s3_server.hpp"
#include "tests/support/temp_folder.hpp"

#include <fmt/format.h>
#include <gtest/gtest.h>

namespace img::testing {
namespace {

using artifacts::S3ClientOptions;
using namespace std::literals;

class S3RemovalTest : public ::testing::Test {
protected:
    S3ClientOptions options() const {
        return {.place = {.bucket = S3Server::kBucket,
                          .prefix = "img/",
                          .endpoint = server_.endpoint(),
                          .region = "us-east-1"},
                .credentials = {.key_id = S3Server::kKeyId, .secret = S3Server::kSecret},
                .tries = 2,
                .pause = 10ms};
    }
    /// What retention knows of the job.
    jobs::KeptImage published(const std::string& id, unsigned attempt = 1) {
        const auto out = folder_.path() / "out";
        folder_.write("out/a&b'<c>+d e.raw", "not taken for its blank");
        folder_.write("out/a&b'<c>\"+d;.raw", "image");
        folder_.write("out/debian.raw", std::string(9 << 20, 'x'));
        folder_.write("out/manifest.json", "{}");
        const auto done =
            artifacts::s3_artifacts(options())->publish({.id = id, .attempt = attempt}, out);
        EXPECT_TRUE(done) << done.error().message;
        return {.id = id, .place = done->place};
    }
    std::size_t objects(const std::string& prefix) {
        http::Client client(server_.endpoint());
        const auto list = client.get("/images?prefix=" + prefix);
        std::size_t count = 0;
        const auto text = list->text();
        for (auto at = text.find("<Key>"); at != std::string_view::npos;
             at = text.find("<Key>", at + 1)) {
            ++count;
        }
        return count;
    }

    TempFolder folder_;
    S3Server server_;
};

TEST_F(S3RemovalTest, RemovesWhatEveryAttemptOfAJobHasLeftAndNoOthers) {
    const auto job = jobs::new_job_id(), other = jobs::new_job_id();
    published(job);
    const auto image = published(job, 2);
    published(other);
    ASSERT_EQ(objects("img/" + job), 6u);
    const auto images = artifacts::images_in_s3(options());
    ASSERT_TRUE(images->reaches(image.place));
    const auto removed = images->remove(image, {});
    ASSERT_TRUE(removed) << removed.error().message;
    EXPECT_EQ(objects("img/" + job), 0u);
    EXPECT_EQ(objects("img/" + other), 3u);
    EXPECT_TRUE(images->remove(image, {})) << "again is the same";
}

TEST_F(S3RemovalTest, ReachesNothingBesideItsPlace) {
    const auto images = artifacts::images_in_s3(options());
    EXPECT_FALSE(images->reaches("s3://images/other/" + jobs::new_job_id() + "/1/"));
    EXPECT_FALSE(images->reaches("s3://other/img/" + jobs::new_job_id() + "/1/"));
    EXPECT_FALSE(images->reaches(""));
}

TEST_F(S3RemovalTest, IsCompletedWhenTheServerIsBack) {
    const auto image = published(jobs::new_job_id());
    auto far = options();
    CuttingProxy proxy(1);  // nobody listens there
    far.place.endpoint = fmt::format("http://127.0.0.1:{}", proxy.port());
    const auto images = artifacts::images_in_s3(far);
    const auto away = images->remove(image, {});
    ASSERT_FALSE(away);
    EXPECT_EQ(away.error().fault, Fault::transient);
    proxy.target = server_.port();
    const auto removed = images->remove(image, {});
    ASSERT_TRUE(removed) << removed.error().message;
    EXPECT_EQ(objects("img/"), 0u);
}

TEST_F(S3RemovalTest, SaysThatThereIsNoSuchBucket) {
    auto nowhere = options();
    nowhere.place.bucket = "nowhere";
    const auto id = jobs::new_job_id();
    const auto removed = artifacts::images_in_s3(nowhere)->remove(
        {.id = id, .place = artifacts::job_place(nowhere.place, id, 1)}, {});
    ASSERT_FALSE(removed);
    EXPECT_EQ(removed.error().fault, Fault::missing);
    EXPECT_NE(removed.error().message.find("NoSuchBucket"), std::string::npos);
}

}  // namespace
}  // namespace img::testing
