#include "http/file_response.hpp"

#include "system/beneath.hpp"

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <gtest/gtest.h>

namespace img::http {
namespace {

namespace fs = std::filesystem;

class FileResponseTest : public testing::Test {
protected:
    FileResponseTest() {
        std::string name = (fs::temp_directory_path() / "img-files-XXXXXX").string();
        folder_ = ::mkdtemp(name.data());
        fs::create_directories(folder_ / "root/sub");
        write("secret", "secret");
        write("root/a.txt", "0123456789");
        write("root/sub/b", "b");
    }
    ~FileResponseTest() override { fs::remove_all(folder_); }

    void write(const fs::path& file, std::string_view text) const {
        std::ofstream(folder_ / file) << text;
    }
    fs::path root() const { return folder_ / "root"; }

    Response serve(const Headers& headers) const {
        const Request request{.method = Method::get, .target = "/", .headers = headers, .body = {}};
        return serve_file(request, system::open_beneath(root(), "a.txt").value(), {});
    }
    static std::pair<std::uint64_t, std::uint64_t> extent(const Response& response) {
        const auto& file = std::get<FileBody>(response.body);
        return {file.offset, file.length};
    }

    fs::path folder_;
};

TEST_F(FileResponseTest, SendsTheWholeWithoutARange) {
    const auto response = serve({});
    EXPECT_EQ(response.status, 200);
    EXPECT_EQ(extent(response), std::pair(std::uint64_t{0}, std::uint64_t{10}));
}

TEST_F(FileResponseTest, SendsTheAskedPart) {
    const auto response = serve({{"Range", "bytes=2-4"}});
    EXPECT_EQ(response.status, 206);
    EXPECT_EQ(response.headers.get("Content-Range"), "bytes 2-4/10");
    EXPECT_EQ(extent(response), std::pair(std::uint64_t{2}, std::uint64_t{3}));
}

TEST_F(FileResponseTest, SaysHowLongAFileIsWhenTheRangeLiesBeyondIt) {
    const auto response = serve({{"Range", "bytes=10-"}});
    EXPECT_EQ(response.status, 416);
    EXPECT_EQ(response.headers.get("Content-Range"), "bytes */10");
}

TEST_F(FileResponseTest, IgnoresARangeOfAFileThatHasChanged) {
    const auto tag = std::string(serve({}).headers.get("ETag"));
    EXPECT_EQ(serve({{"Range", "bytes=2-4"}, {"If-Range", tag}}).status, 206);
    EXPECT_EQ(serve({{"If-None-Match", "\"x\", W/" + tag}}).status, 304);
    write("root/a.txt", "0123456789abc");
    EXPECT_EQ(serve({{"Range", "bytes=2-4"}, {"If-Range", tag}}).status, 200);
    EXPECT_EQ(serve({{"If-None-Match", tag}}).status, 200);
}

TEST_F(FileResponseTest, NamesAnAttachmentWithoutTrustingTheName) {
    const auto response = serve_file({}, system::open_beneath(root(), "a.txt").value(),
                                     {.content_type = "x/y", .attachment = "a\"\r\nb;.raw"});
    EXPECT_EQ(response.headers.get("Content-Disposition"),
              "attachment; filename*=UTF-8''a%22%0D%0Ab%3B.raw");
    EXPECT_EQ(response.headers.get("X-Content-Type-Options"), "nosniff");
}

TEST(Range, IsReadAsTheStandardSays) {
    using Some = std::optional<ByteRange>;
    EXPECT_EQ(parse_range("bytes=0-0", 10).value(), Some({.first = 0, .last = 0}));
    EXPECT_EQ(parse_range("bytes=3-", 10).value(), Some({.first = 3, .last = 9}));
    EXPECT_EQ(parse_range("bytes=-3", 10).value(), Some({.first = 7, .last = 9}));
    EXPECT_EQ(parse_range("bytes=-30", 10).value(), Some({.first = 0, .last = 9}));
    EXPECT_EQ(parse_range("bytes=5-99", 10).value(), Some({.first = 5, .last = 9}));
    for (const auto* nonsense : {"", "bytes", "bytes=", "bytes=-", "bytes=4-2", "bytes=a-b",
                                 "bytes=1-2,4-5", "lines=1-2", "bytes=99999999999999999999-"}) {
        EXPECT_EQ(parse_range(nonsense, 10).value(), Some()) << nonsense;
    }
    for (const auto* nowhere : {"bytes=10-", "bytes=10-12", "bytes=-0"}) {
        EXPECT_FALSE(parse_range(nowhere, 10)) << nowhere;
    }
    EXPECT_FALSE(parse_range("bytes=0-", 0));
}

}  // namespace
}  // namespace img::http
