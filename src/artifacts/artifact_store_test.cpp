#include "artifacts/artifacts.hpp"
#include "tests/support/temp_folder.hpp"

#include <gtest/gtest.h>

namespace img::artifacts {
namespace {

TEST(OpenArtifactStore, OpensEachKindWithoutAskingThePlace) {
    const testing::TempFolder folder;
    const Secrets secrets{
        .token_file = folder.write("token", "abc\n"),
        .s3_credentials = folder.write("s3", "AWS_ACCESS_KEY_ID=a\nAWS_SECRET_ACCESS_KEY=b\n")};
    for (const auto* const url : {"file:/srv/www-root", "http://imgd.invalid:8080/",
                                  "https://imgd.invalid/", "s3://images/img"}) {
        EXPECT_TRUE(open_artifact_store(url, secrets)) << url;
    }
}

TEST(OpenArtifactStore, SaysWhatIsWrong) {
    const testing::TempFolder folder;
    const auto fault_of = [](const std::string& url, const Secrets& secrets = {}) {
        const auto store = open_artifact_store(url, secrets);
        return store ? std::string() : store.error().message;
    };
    EXPECT_NE(fault_of("ftp://x"), "");
    EXPECT_NE(fault_of("file:"), "");
    EXPECT_NE(fault_of("http://x/").find("--token-file"), std::string::npos);
    EXPECT_NE(fault_of("http://x/", {.token_file = folder.write("empty", "\n")})
                  .find("there is no token"),
              std::string::npos);
    EXPECT_NE(fault_of("s3://images", {.s3_credentials = folder.path() / "none"})
                  .find("AWS_ACCESS_KEY_ID"),
              std::string::npos);
}

}  // namespace
}  // namespace img::artifacts
