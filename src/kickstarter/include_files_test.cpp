#include "kickstarter/include_files.hpp"

#include "http/server.hpp"
#include "tests/support/temp_folder.hpp"

#include <gtest/gtest.h>

namespace img::kickstarter {
namespace {

namespace fs = std::filesystem;

class IncludeFiles : public ::testing::Test {
protected:
    void write(const fs::path& name, std::string_view text) const { temporary_.write(name, text); }
    std::string top() const { return (folder_ / "ks/top.ks").string(); }
    /// The text, or the sentence of the failure.
    std::string read(const std::string& name, const IncludeRules& rules = {}) const {
        const auto included = include_files(top(), rules)(name, top());
        return included ? included->text : included.error().message;
    }

    img::testing::TempFolder temporary_;
    fs::path folder_ = temporary_.path();
};

TEST_F(IncludeFiles, ReadsWhatLiesBesideTheKickstart) {
    write("ks/a.ks", "a\n");
    write("ks/parts/b.ks", "b\n");
    EXPECT_EQ(read("a.ks"), "a\n");
    EXPECT_EQ(read("parts/b.ks"), "b\n");
    EXPECT_EQ(read("./parts/../a.ks"), "a\n");
    EXPECT_EQ(read((folder_ / "ks/a.ks").string()), "a\n");
    EXPECT_EQ(read("gone.ks"), "there is no such file");
    EXPECT_EQ(read("parts"), "there is no such file");
    const auto source = include_files(top(), {});
    const auto nested = source("../a.ks", (folder_ / "ks/parts/b.ks").string());
    ASSERT_TRUE(nested);
    EXPECT_EQ(nested->file, (folder_ / "ks/a.ks").string());
}

TEST_F(IncludeFiles, LeavesTheFolderOnlyByLeave) {
    write("ks/a.ks", "a\n");
    write("common/b.ks", "b\n");
    const auto refusal =
        "it lies outside of " + (folder_ / "ks").string() + "; --include-root=FOLDER allows more";
    EXPECT_EQ(read("../common/b.ks"), refusal);
    EXPECT_EQ(read("/etc/passwd"), refusal);
    EXPECT_EQ(read("../common/b.ks", {.root = folder_}), "b\n");
    EXPECT_EQ(read((folder_ / "common/b.ks").string(), {.root = "/"}), "b\n");
    fs::create_symlink("/etc/passwd", folder_ / "ks/link.ks");
    fs::create_symlink("a.ks", folder_ / "ks/inner.ks");
    EXPECT_EQ(read("link.ks"), "there is no such file");
    EXPECT_EQ(read("inner.ks"), "a\n");
}

TEST_F(IncludeFiles, ReadsUrlsOnlyByLeave) {
    auto server =
        http::Server::start({.address = "127.0.0.1", .port = 0}, [](const http::Request& request) {
            http::Response response;
            response.status = request.path() == "/x.ks" ? 200 : 404;
            response.body = "lang C\n";
            return response;
        });
    ASSERT_TRUE(server) << server.error().message;
    const auto base = "http://127.0.0.1:" + std::to_string(server->port());
    EXPECT_EQ(read(base + "/x.ks"), "URLs are read only with --include-urls");
    EXPECT_EQ(read(base + "/x.ks", {.root = {}, .urls = true}), "lang C\n");
    EXPECT_EQ(read(base + "/y.ks", {.root = {}, .urls = true}), "the server answers 404");
    EXPECT_EQ(read("file:///etc/passwd", {.root = {}, .urls = true}),
              "only http and https are read");
    const auto nested = include_files(top(), {.root = {}, .urls = true})("a.ks", base + "/x.ks");
    ASSERT_FALSE(nested);
    EXPECT_EQ(nested.error().message, "a file named by a URL can include URLs only");
}

}  // namespace
}  // namespace img::kickstarter
