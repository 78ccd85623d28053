#include "system/sparse_file.hpp"

#include "base/byte_size.hpp"
#include "tests/support/temp_folder.hpp"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>
#include <sys/stat.h>

namespace img::system {
namespace {

std::uint64_t room_of(const std::filesystem::path& file) {
    struct stat found{};
    EXPECT_EQ(::stat(file.c_str(), &found), 0);
    return static_cast<std::uint64_t>(found.st_blocks) * 512;
}

TEST(SparseFile, LeavesHolesAndZeroBlocksUnwritten) {
    const testing::TempFolder folder;
    const auto source = folder.path() / "source";
    const auto image = folder.path() / "image";
    ASSERT_TRUE(create_sparse(source, 64 * kMiB));
    ASSERT_TRUE(create_sparse(image, 128 * kMiB));
    ASSERT_TRUE(write_at(source, 0, std::string(kMiB, '\0')));
    ASSERT_TRUE(write_at(source, 32 * kMiB + 5, "hello"));
    EXPECT_EQ(copy_sparse(source, image, 16 * kMiB).value(), 4 * kKiB);
    EXPECT_EQ(std::filesystem::file_size(image), 128 * kMiB);
    EXPECT_LE(room_of(image), 64 * kKiB);
    EXPECT_EQ(testing::read_file(image).substr(48 * kMiB + 5, 5), "hello");
}

RC_GTEST_PROP(SparseFileProperty, CopiesEveryByte, ()) {
    const testing::TempFolder folder;
    std::string bytes(*rc::gen::inRange<std::size_t>(0, 3 * kMiB), '\0');
    const auto spots =
        *rc::gen::container<std::vector<std::uint32_t>>(rc::gen::arbitrary<std::uint32_t>());
    for (const std::uint32_t spot : spots) {
        if (!bytes.empty()) {
            bytes[spot % bytes.size()] = 'x';
        }
    }
    const auto source = folder.write("source", bytes);
    const auto image = folder.path() / "image";
    RC_ASSERT(create_sparse(image, bytes.size() + 1024).has_value());
    RC_ASSERT(copy_sparse(source, image, 512).has_value());
    RC_ASSERT(testing::read_file(image) == std::string(512, '\0') + bytes + std::string(512, '\0'));
}

TEST(SparseFile, SaysWhichFileIsNotThere) {
    const testing::TempFolder folder;
    const auto copied = copy_sparse(folder.path() / "none", folder.path() / "image", 0);
    ASSERT_FALSE(copied);
    EXPECT_NE(copied.error().message.find("/none: No such file"), std::string::npos);
}

TEST(SparseFile, CallsAFullDiskExhausted) {
    const auto written = write_at("/dev/full", 0, "x");
    ASSERT_FALSE(written);
    EXPECT_EQ(written.error().fault, Fault::exhausted);
    EXPECT_EQ(written.error().message,
              "write /dev/full: No space left on device; free some space "
              "or choose another folder");
}

}  // namespace
}  // namespace img::system
