#include "engine/manifest.hpp"

#include <filesystem>
#include <fstream>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

namespace img::engine {
namespace {

const Artifact kImage{.file = "demo.raw", .type = "raw", .size_bytes = 5, .sha256 = "aa"};

TEST(Manifest, NamesTheImageAndEveryArtefact) {
    Manifest manifest;
    manifest.name = "demo";
    manifest.artifacts = {
        kImage, {.file = "demo.packages", .type = "packages", .size_bytes = 2, .sha256 = "bb"}};
    manifest.stages = {{Stage::plan, 0.12345, "solved anew"}, {Stage::fetch, 1, ""}};
    manifest.verified = false;
    const auto json = nlohmann::json::parse(manifest_json(manifest));
    EXPECT_EQ(json["image"], "demo.raw");
    EXPECT_EQ(json["artifacts"].size(), 2u);
    EXPECT_EQ(json["artifacts"][1]["sha256"], "bb");
    EXPECT_EQ(json["stages"][0]["seconds"], 0.123);
    EXPECT_EQ(json["stages"][0]["note"], "solved anew");
    EXPECT_FALSE(json["stages"][1].contains("note"));
    EXPECT_EQ(json["verified_inputs"], false);
}

TEST(Manifest, GivesDigestsAsSha256sumReadsThem) {
    EXPECT_EQ(sha256sums({kImage}), "aa  demo.raw\n");
}

TEST(Manifest, DescribesAFileByItsSizeAndDigest) {
    const auto file = std::filesystem::temp_directory_path() / "img-manifest-test";
    std::ofstream(file) << "abc";
    const auto artifact = describe(file, "raw");
    ASSERT_TRUE(artifact);
    EXPECT_EQ(artifact->size_bytes, 3u);
    EXPECT_EQ(artifact->sha256, "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
    std::filesystem::remove(file);
    EXPECT_EQ(describe(file, "raw").error().fault, Fault::missing);
}

}  // namespace
}  // namespace img::engine
