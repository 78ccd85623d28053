#include "base/digest.hpp"

#include "tests/support/temp_folder.hpp"

#include <array>
#include <filesystem>
#include <fstream>
#include <gtest/gtest.h>

namespace img {
namespace {

// FIPS 180-2, appendix B.1.
constexpr const char* kAbc = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";

TEST(Digest, IsThatOfTheStandard) {
    EXPECT_EQ(sha256_hex("abc"), kAbc);
}

TEST(Digest, HashesHolesAsZeros) {
    const auto file = std::filesystem::temp_directory_path() / "img-digest-test";
    std::string bytes(3 << 20, '\0');
    bytes.replace(1 << 20, 3, "abc");
    {
        std::ofstream out(file, std::ios::binary);
        out.seekp(1 << 20);
        out << "abc";
    }
    std::filesystem::resize_file(file, bytes.size());
    EXPECT_EQ(sha256_file(file).value(), sha256_hex(bytes));
    std::filesystem::remove(file);
}

TEST(Digest, NamesTheFileThatIsNotThere) {
    const auto digest = sha256_file("/nonexistent/file");
    ASSERT_FALSE(digest);
    EXPECT_EQ(digest.error().fault, Fault::missing);
    EXPECT_EQ(digest.error().message, "/nonexistent/file: No such file or directory");
}

TEST(Digest, KeepsFieldsApart) {
    Sha256 one;
    one.add_field("ab");
    one.add_field("c");
    Sha256 two;
    two.add_field("a");
    two.add_field("bc");
    EXPECT_NE(one.hex(), two.hex());
}

TEST(Digest, ComesInAllKindsFromOneReading) {
    const testing::TempFolder folder;
    constexpr std::array kKinds{DigestKind::md5, DigestKind::sha1, DigestKind::sha256};
    const auto digests = digest_file(folder.write("file", "abc"), kKinds);
    ASSERT_TRUE(digests) << digests.error().message;
    // The test values of RFC 1321 and FIPS 180-2.
    EXPECT_EQ((*digests)[0], "900150983cd24fb0d6963f7d28e17f72");
    EXPECT_EQ((*digests)[1], "a9993e364706816aba3e25717850c26c9cd0d89d");
    EXPECT_EQ((*digests)[2], "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
}

}  // namespace
}  // namespace img
