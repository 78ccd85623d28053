#include "web/s3_redirect.hpp"

#include "tests/support/temp_folder.hpp"
#include "web/artifact_list.hpp"

#include <gtest/gtest.h>

namespace img::web {
namespace {

const S3Images kImages{
    .place = {.bucket = "images", .prefix = "img/", .endpoint = "https://s3.example"},
    .credentials = {.key_id = "reader", .secret = "the secret"}};

TEST(S3Redirect, LeadsToTheFileWithoutItsSecret) {
    const auto link = s3_link(kImages, "s3://images/img/1/2/", "debian.raw").value();
    EXPECT_TRUE(link.starts_with("https://s3.example/images/img/1/2/debian.raw?X-Amz-")) << link;
    EXPECT_NE(link.find("X-Amz-Expires=3600&"), std::string::npos) << link;
    EXPECT_EQ(link.find("secret"), std::string::npos);
    const auto response = lead_to(link);
    EXPECT_EQ(response.status, 302);
    EXPECT_EQ(response.headers.get("Location"), link);
    EXPECT_EQ(response.headers.get("Cache-Control"), "no-store");
}

TEST(S3Redirect, SaysWhereTheFileLiesIfItHasNoKey) {
    const auto link = s3_link({}, "s3://images/img/1/2/", "debian.raw");
    ASSERT_FALSE(link);
    EXPECT_EQ(link.error().fault, Fault::missing);
    EXPECT_NE(link.error().message.find("s3://images/img/1/2/debian.raw"), std::string::npos);
}

TEST(S3Redirect, LeadsToNoOtherBucket) {
    EXPECT_FALSE(s3_link(kImages, "s3://others/img/1/2/", "debian.raw"));
    EXPECT_FALSE(s3_link(kImages, "s3://images/img/1/2/", "../../secret"));
}

TEST(S3Redirect, ListsFilesThatOnlyTheManifestKnows) {
    const testing::TempFolder folder;
    folder.write("debian.log", "log");
    folder.write("manifest.json",
                 R"({"artifacts":[{"file":"debian.raw","type":"raw","size":42,"sha256":"ab"}]})");
    jobs::Job job{.place = "s3://images/img/1/2/"};
    const auto files = list_artifacts(folder.path(), job);
    ASSERT_EQ(files.size(), 3u);
    EXPECT_EQ(files[1].name, "debian.raw");
    EXPECT_EQ(files[1].size, 42u);
    EXPECT_EQ(files[1].sha256, "ab");
    job.removed = jobs::Time(std::chrono::milliseconds(1));
    EXPECT_EQ(list_artifacts(folder.path(), job).size(), 2u);
    EXPECT_EQ(list_artifacts(folder.path()).size(), 2u);
}

}  // namespace
}  // namespace img::web
