#include "packages/saved_repositories.hpp"

#include "tests/support/temp_folder.hpp"

#include <gtest/gtest.h>

namespace img::packages {
namespace {

namespace fs = std::filesystem;

TEST(SavedRepositories, BringTheirKeyIntoTheTree) {
    const testing::TempFolder tree;
    const Repository one{
        .name = "own packages", .url = "https://a.example/d", .suite = "s", .components = {"main"}};
    const std::string key = "-----BEGIN PGP PUBLIC KEY BLOCK-----\n\nx\n";
    const auto saved = save_repositories(
        {{one, key}, {{.name = "open", .url = "u", .suite = "s"}, ""}}, tree.path());
    ASSERT_TRUE(saved) << saved.error().message;
    EXPECT_EQ(testing::read_file(tree.path() / "etc/apt/sources.list.d/own-packages.list"),
              "deb [signed-by=/etc/apt/keyrings/own-packages.asc] https://a.example/d s main\n");
    EXPECT_EQ(testing::read_file(tree.path() / "etc/apt/keyrings/own-packages.asc"), key);
    EXPECT_EQ(testing::read_file(tree.path() / "etc/apt/sources.list.d/open.list"), "deb u s \n");
}

TEST(SavedRepositories, StayInTheTreeWhateverAPackageLinks) {
    const testing::TempFolder outside;
    const testing::TempFolder tree;
    fs::create_directories(tree.path() / "etc/apt/sources.list.d");
    outside.write("precious", "as it was");
    fs::create_symlink(outside.path() / "precious", tree.path() / "etc/apt/sources.list.d/a.list");
    EXPECT_TRUE(save_repositories({{{.name = "a"}, ""}}, tree.path()));
    EXPECT_EQ(testing::read_file(outside.path() / "precious"), "as it was");

    fs::remove_all(tree.path() / "etc/apt");
    fs::create_symlink(outside.path(), tree.path() / "etc/apt");
    EXPECT_FALSE(save_repositories({{{.name = "a"}, ""}}, tree.path()));
    EXPECT_FALSE(fs::exists(outside.path() / "sources.list.d"));
}

}  // namespace
}  // namespace img::packages
