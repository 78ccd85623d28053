#include "image/compress.hpp"

#include "base/byte_size.hpp"
#include "system/process_runner.hpp"
#include "tests/support/temp_folder.hpp"

#include <fmt/format.h>
#include <gtest/gtest.h>

namespace img::image {
namespace {

namespace fs = std::filesystem;

class Compress : public ::testing::Test {
protected:
    system::ProcessRunner runner_;
    testing::TempFolder folder_;
    Workshop workshop_{.runner = runner_, .scratch = folder_.path(), .out = folder_.path()};
};

TEST_F(Compress, PutsTheCompressedFileInThePlaceOfTheOther) {
    folder_.write("disk.raw", "begin");
    fs::resize_file(folder_.path() / "disk.raw", 3 * kMiB);
    const std::string content = testing::read_file(folder_.path() / "disk.raw");
    std::uint64_t told = 0;
    workshop_.progress = [&](std::uint64_t done, std::uint64_t total, std::string_view text) {
        EXPECT_LE(done, total);
        EXPECT_EQ(text, "writing disk.raw.gz");
        ++told;
    };
    const auto compressed = compress(workshop_, {"disk.raw", "raw"}, Compressor::gz);
    ASSERT_TRUE(compressed) << compressed.error().message;
    EXPECT_EQ(compressed->name, "disk.raw.gz");
    EXPECT_EQ(compressed->type, "raw");
    EXPECT_GT(told, 0U);
    EXPECT_FALSE(fs::exists(folder_.path() / "disk.raw"));
    EXPECT_LT(fs::file_size(folder_.path() / "disk.raw.gz"), 16 * kKiB);
    ASSERT_TRUE(runner_.run({.argv = {"gzip", "-d", folder_.path() / "disk.raw.gz"}}));
    EXPECT_TRUE(testing::read_file(folder_.path() / "disk.raw") == content);
}

/// Reading 200 GiB of nothing would take minutes.
TEST_F(Compress, DoesNotReadHoles) {
    fs::resize_file(folder_.write("disk.raw", "begin"), 200 * kGiB);
    const auto compressed = compress(workshop_, {"disk.raw", "raw"}, Compressor::xz);
    ASSERT_TRUE(compressed) << compressed.error().message;
    const auto listed = runner_.run(
        {.argv = {"xz", "--list", "--robot", folder_.path() / "disk.raw.xz"}, .captured = true});
    ASSERT_TRUE(listed) << listed.error().message;
    EXPECT_TRUE(listed->contains(fmt::format("\t{}\t", 200 * kGiB))) << *listed;
}

TEST_F(Compress, RefusesAFolder) {
    fs::create_directory(folder_.path() / "box");
    const auto refused = compress(workshop_, {"box", "fs"}, Compressor::zst);
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().message, "box is a folder and cannot be compressed; choose type tar");
    EXPECT_TRUE(fs::exists(folder_.path() / "box"));
}

TEST_F(Compress, SaysWhatIsMissing) {
    EXPECT_EQ(compress(workshop_, {"disk.raw", "raw"}, Compressor::gz).error().fault,
              Fault::missing);
}

}  // namespace
}  // namespace img::image
