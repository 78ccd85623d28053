#include "engine/papers.hpp"

#include "tests/support/temp_folder.hpp"

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

namespace img::engine {
namespace {

TEST(Papers, NameWhatScriptsHaveLaidBesideTheImageButNoLinks) {
    const testing::TempFolder folder;
    folder.write("demo.raw", "image");
    folder.write("demo.log", "still written");
    folder.write("b", "");
    folder.write("a", "");
    folder.write("folder/below", "");
    std::filesystem::create_symlink("x", folder.path() / "x");
    std::filesystem::create_symlink("b", folder.path() / "y");
    BuildRequest request;
    request.name = "demo";
    ASSERT_TRUE(write_papers({}, request, folder.path(), {.files = {{"demo.raw", "raw"}}}));
    const auto manifest =
        nlohmann::json::parse(testing::read_file(folder.path() / "manifest.json"));
    std::vector<std::string> files;
    for (const auto& artifact : manifest.at("artifacts")) {
        files.push_back(artifact.at("file"));
    }
    EXPECT_EQ(files, (std::vector<std::string>{"demo.raw", "a", "b"}));
}

}  // namespace
}  // namespace img::engine
