#include "artifacts/data_reader.hpp"

#include "tests/support/temp_folder.hpp"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <unistd.h>

namespace img::artifacts {
namespace {

TEST(DataReader, GivesPiecesOfDataAndPassesOverHoles) {
    const testing::TempFolder folder;
    const auto file = folder.write("image", std::string(8192, 'a'));
    const int fd = ::open(file.c_str(), O_WRONLY);
    ASSERT_EQ(::pwrite(fd, "middle", 6, 1 << 20), 6);
    ASSERT_EQ(::ftruncate(fd, 3 << 20), 0);
    ::close(fd);

    const auto reader = DataReader::open(file).value();
    EXPECT_EQ(reader.size(), 3u << 20);
    const auto first = reader.next(0, 5000).value();
    EXPECT_EQ(first.offset, 0u);
    EXPECT_EQ(first.bytes, std::string(5000, 'a'));
    const auto second = reader.next(5000, 1 << 20).value();
    EXPECT_EQ(second.bytes, std::string(3192, 'a'));
    const auto third = reader.next(8192, 1 << 20).value();
    EXPECT_EQ(third.offset, 1u << 20);
    EXPECT_EQ(third.bytes.substr(0, 6), "middle");
    EXPECT_EQ(reader.next(2 << 20, 1 << 20).value().bytes, "");
    EXPECT_EQ(reader.read(8190, 4).value(), std::string("aa\0\0", 4));
}

TEST(DataReader, FollowsNoLinkAndOpensNoFolder) {
    const testing::TempFolder folder;
    std::filesystem::create_symlink("/etc/passwd", folder.path() / "link");
    EXPECT_FALSE(DataReader::open(folder.path() / "link"));
    EXPECT_EQ(DataReader::open(folder.path()).error().fault, Fault::missing);
    EXPECT_EQ(DataReader::open(folder.path() / "none").error().fault, Fault::missing);
}

}  // namespace
}  // namespace img::artifacts
