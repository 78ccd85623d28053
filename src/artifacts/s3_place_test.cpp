#include "artifacts/s3_place.hpp"

#include "tests/support/temp_folder.hpp"

#include <cstdlib>
#include <gtest/gtest.h>

namespace img::artifacts {
namespace {

TEST(S3Place, IsReadFromItsUrl) {
    const auto place = s3_place_from(
        "s3://images/nightly/img?endpoint=http%3A%2F%2F127.0.0.1:9000/&region=eu-central-1");
    ASSERT_TRUE(place) << place.error().message;
    EXPECT_EQ(place->bucket, "images");
    EXPECT_EQ(place->prefix, "nightly/img/");
    EXPECT_EQ(place->endpoint, "http://127.0.0.1:9000");
    EXPECT_EQ(place->region, "eu-central-1");
    EXPECT_EQ(s3_place_from("s3://images")->endpoint, "https://s3.us-east-1.amazonaws.com");
    EXPECT_EQ(s3_place_from("s3://images")->prefix, "");
}

TEST(S3Place, RefusesWhatIsNoPlace) {
    for (const auto* const url :
         {"s3://", "s3:images", "s3://UPPER/x", "s3://images/a b", "s3://images/../x",
          "s3://images?secret=x", "s3://images?endpoint=ftp://x"}) {
        const auto place = s3_place_from(url);
        ASSERT_FALSE(place) << url;
        EXPECT_EQ(place.error().fault, Fault::invalid);
    }
}

TEST(S3Place, LeadsToTheObjectsOfAnAttempt) {
    const S3Place place{.bucket = "images", .prefix = "a b/"};
    const std::string id(32, '0');
    EXPECT_EQ(job_place(place, id, 2), "s3://images/a b/" + id + "/2/");
    EXPECT_EQ(object_path(place, id, 2, "x+y.raw"), "/images/a%20b/" + id + "/2/x%2By.raw");
    EXPECT_EQ(object_path(place, job_place(place, id, 2), "x+y.raw").value(),
              object_path(place, id, 2, "x+y.raw"));
}

TEST(S3Place, LeadsNowhereElse) {
    const S3Place place{.bucket = "images", .prefix = "img/"};
    for (const auto* const other : {"s3://images/other/1/", "s3://imagesimg/1/", "file:///etc/"}) {
        EXPECT_FALSE(object_path(place, other, "x")) << other;
    }
    EXPECT_FALSE(object_path(place, "s3://images/img/1/", "../x"));
    EXPECT_FALSE(object_path(place, "s3://images/img/1/", ".hidden"));
}

TEST(S3Place, KnowsTheKeysOfAJobAndOfNoOther) {
    const S3Place place{.bucket = "images", .prefix = "img/"}, whole{.bucket = "images"};
    const std::string id(32, '0'), other(32, '1');
    EXPECT_EQ(job_keys(place, job_place(place, id, 2), id).value(), "img/" + id + "/");
    EXPECT_EQ(job_keys(whole, job_place(place, id, 2), id).value(), "img/" + id + "/")
        << "where the bucket was given without a prefix later";
    EXPECT_EQ(job_keys(whole, job_place(whole, id, 12), id).value(), id + "/");
    for (const auto& strange :
         {"s3://images/img/" + other + "/1/", "s3://images/other/" + id + "/1/",
          "s3://images/img/" + id + "/", "s3://images/img/" + id + "/1", "s3://images/img/" + id,
          std::string("s3://images/img/"), std::string("s3://images/"), std::string("/"),
          std::string()}) {
        EXPECT_FALSE(job_keys(place, strange, id)) << strange;
    }
    EXPECT_FALSE(job_keys(whole, "s3://images//1/", ""));
    EXPECT_FALSE(job_keys(whole, "s3://images/a/1/", "a"));
    EXPECT_TRUE(is_below(place, job_place(place, id, 1)));
    EXPECT_FALSE(is_below(place, job_place(whole, id, 1)));
}

TEST(S3Place, FindsCredentialsInAFileOrInTheEnvironment) {
    const testing::TempFolder folder;
    ::unsetenv("AWS_ACCESS_KEY_ID");
    ::unsetenv("AWS_SECRET_ACCESS_KEY");
    EXPECT_EQ(read_s3_credentials("").error().fault, Fault::invalid);
    const auto file =
        folder.write("keys", "# ours\nAWS_ACCESS_KEY_ID = first\nAWS_SECRET_ACCESS_KEY=a=b+c/\n");
    EXPECT_EQ(read_s3_credentials(file)->key_id, "first");
    EXPECT_EQ(read_s3_credentials(file)->secret, "a=b+c/");
    ::setenv("AWS_ACCESS_KEY_ID", "second", 1);
    ::setenv("AWS_SECRET_ACCESS_KEY", "x", 1);
    EXPECT_EQ(read_s3_credentials("")->key_id, "second");
    const auto half = read_s3_credentials(folder.write("half", "AWS_ACCESS_KEY_ID=first\n"));
    ASSERT_FALSE(half);
    EXPECT_EQ(half.error().message.find("first"), std::string::npos);
}

}  // namespace
}  // namespace img::artifacts
