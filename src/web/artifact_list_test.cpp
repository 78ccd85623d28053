#include "web/artifact_list.hpp"

#include <cstdlib>
#include <fstream>
#include <gtest/gtest.h>

namespace img::web {
namespace {

class ArtifactListTest : public testing::Test {
protected:
    ArtifactListTest() {
        std::string name = (std::filesystem::temp_directory_path() / "img-files-XXXXXX").string();
        folder_ = ::mkdtemp(name.data());
        write("b.raw", "12345");
        write("a.ks", "x");
        write(".hidden", "x");
        std::filesystem::create_directory(folder_ / "sub");
        std::filesystem::create_symlink("/etc/passwd", folder_ / "link");
    }
    ~ArtifactListTest() override { std::filesystem::remove_all(folder_); }
    void write(const std::string& name, std::string_view text) const {
        std::ofstream(folder_ / name) << text;
    }
    std::filesystem::path folder_;
};

TEST_F(ArtifactListTest, HasTheRegularFilesInTheOrderOfTheirNames) {
    const auto files = list_artifacts(folder_);
    ASSERT_EQ(files.size(), 2u);
    EXPECT_EQ(files[0].name, "a.ks");
    EXPECT_EQ(files[1].name, "b.raw");
    EXPECT_EQ(files[1].size, 5u);
    EXPECT_EQ(files[1].sha256, "");
}

TEST_F(ArtifactListTest, TakesTypesAndDigestsFromTheManifest) {
    write("manifest.json",
          R"({"artifacts":[{"file":"b.raw","type":"raw","sha256":"ab12"},{"file":"gone"},7]})");
    const auto files = list_artifacts(folder_);
    ASSERT_EQ(files.size(), 3u);
    EXPECT_EQ(files[1].type, "raw");
    EXPECT_EQ(files[1].sha256, "ab12");
}

TEST_F(ArtifactListTest, ListsFilesWhateverTheManifestHolds) {
    for (const auto* text :
         {"", "nonsense", "[]", "{}", R"({"artifacts":{}})", R"({"artifacts":[{"file":1}]})"}) {
        write("manifest.json", text);
        EXPECT_EQ(list_artifacts(folder_).size(), 3u) << text;
    }
    EXPECT_TRUE(list_artifacts(folder_ / "absent").empty());
}

}  // namespace
}  // namespace img::web
