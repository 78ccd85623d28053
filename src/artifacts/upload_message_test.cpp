#include "artifacts/upload_message.hpp"

#include <fmt/format.h>
#include <gtest/gtest.h>

namespace img::artifacts {
namespace {

const std::string kDigest(64, 'a');

TEST(UploadMessage, ComesBackAsItWent) {
    const auto files =
        upload_files_from(to_json({{.name = "debian.raw", .size = 42, .sha256 = kDigest},
                                   {.name = "manifest.json", .size = 0, .sha256 = kDigest}}))
            .value();
    EXPECT_EQ(files.at(0).name, "debian.raw");
    EXPECT_EQ(files.at(0).size, 42u);
    EXPECT_EQ(files.at(1).sha256, kDigest);
    const auto state =
        upload_state_from(to_json(UploadState{.is_published = true, .there = {{"a", 7}}})).value();
    EXPECT_TRUE(state.is_published);
    EXPECT_EQ(state.there.at("a"), 7u);
}

TEST(UploadMessage, RefusesWhatIsNoListOfArtefacts) {
    const auto with = [](std::string_view name, std::string_view size, std::string_view digest) {
        return fmt::format(R"({{"files":[{{"name":"manifest.json","size":1,"sha256":"{}"}},)"
                           R"({{"name":"{}","size":{},"sha256":"{}"}}]}})",
                           kDigest, name, size, digest);
    };
    EXPECT_TRUE(upload_files_from(with("a", "1", kDigest)));
    for (const auto& wrong :
         {with("../a", "1", kDigest), with(".attempt", "1", kDigest), with("a.log", "1", kDigest),
          with("manifest.json", "1", kDigest), with("a", "-1", kDigest), with("a", "\\\"", kDigest),
          with("a", "9000000000000000000", kDigest), with("a", "1", "b"),
          with("a", "1", std::string(64, 'G')), std::string("{}"), std::string("["),
          std::string(R"({"files":[]})")}) {
        const auto files = upload_files_from(wrong);
        ASSERT_FALSE(files) << wrong;
        EXPECT_EQ(files.error().fault, Fault::invalid) << wrong;
    }
}

}  // namespace
}  // namespace img::artifacts
