// Trees that are written here and read back by GNU tar, bsdtar and GNU cpio, as root.
#include "archive/access_list.hpp"
#include "archive/archive.hpp"
#include "archive/tar_writer.hpp"
#include "base/byte_size.hpp"
#include "tests/support/planted_tree.hpp"

#include <fmt/format.h>
#include <gtest/gtest.h>

namespace img::archive {
namespace {

namespace fs = std::filesystem;
using testing::said;

class TreeArchive : public testing::PlantedTree {
protected:
    Losses write(TreeFormat format, const fs::path& from, const fs::path& file) {
        auto sink = file_sink(file, std::nullopt).value();
        const auto lost = write_tree(format, from, kEpoch, *sink);
        EXPECT_TRUE(lost) << lost.error().message;
        return lost.value_or(Losses{});
    }
};

TEST_F(TreeArchive, IsReadByGnuTarNameForName) {
    const fs::path file = folder.path() / "tree.tar";
    EXPECT_EQ(write(TreeFormat::tar, tree(), file), Losses{"the socket /run/socket is left out"});
    EXPECT_EQ(said({"tar", "--extract", "--file", file, "--directory", back(), "--numeric-owner",
                    "--same-owner", "--preserve-permissions", "--xattrs", "--xattrs-include=*",
                    "--acls"}),
              "");
    EXPECT_EQ(difference(tree(), back()), "");
}

TEST_F(TreeArchive, IsReadByLibarchiveNameForName) {
    const fs::path file = folder.path() / "tree.tar";
    write(TreeFormat::tar, tree(), file);
    EXPECT_EQ(said({"bsdtar", "-x", "-f", file, "-C", back(), "--numeric-owner", "-p", "--acls",
                    "--xattrs"}),
              "");
    EXPECT_EQ(difference(tree(), back()), "");
}

TEST_F(TreeArchive, IsReadByGnuCpioButForAttributes) {
    const fs::path file = folder.path() / "tree.cpio";
    const Losses lost = write(TreeFormat::cpio, tree(), file);
    ASSERT_EQ(lost.size(), 2u);
    EXPECT_EQ(lost[0], "the socket /run/socket is left out");
    EXPECT_TRUE(lost[1].starts_with("/usr/bin/ping loses its capabilities, for which cpio has no"));
    said({"cpio", "--extract", "--make-directories", "--preserve-modification-time", "--quiet",
          "--numeric-uid-gid", "-F", file},
         back());
    EXPECT_EQ(difference(tree(), back(), {"xattrs"}), "");
}

TEST_F(TreeArchive, IsTheSameBytesFromATreeMadeInAnotherOrderAtAnotherTime) {
    plant_again();
    for (const TreeFormat format : {TreeFormat::tar, TreeFormat::cpio}) {
        write(format, tree(), folder.path() / "one");
        write(format, other_tree(), folder.path() / "two");
        EXPECT_TRUE(testing::read_file(folder.path() / "one") ==
                    testing::read_file(folder.path() / "two"));
    }
}

TEST_F(TreeArchive, TellsHowFarItIs) {
    auto sink = file_sink(folder.path() / "tree.tar", std::nullopt).value();
    std::uint64_t last = 0;
    ASSERT_TRUE(write_tree(TreeFormat::tar, tree(), kEpoch, *sink,
                           [&](std::uint64_t done, std::uint64_t total) {
                               EXPECT_GE(done, last);
                               EXPECT_LE(done, total);
                               last = done;
                           }));
    EXPECT_GT(last, 300'000u);
}

TEST_F(TreeArchive, RefusesAFileThatCpioCannotHold) {
    fs::resize_file(tree() / "empty", 4 * kGiB);
    auto sink = file_sink(folder.path() / "tree.cpio", std::nullopt).value();
    const auto refused = write_tree(TreeFormat::cpio, tree(), kEpoch, *sink);
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().fault, Fault::invalid);
    EXPECT_TRUE(refused.error().message.starts_with("empty is over the 4 GiB that cpio can hold"));
}

TEST(SparseMember, IsReadByBothTarsWithItsHoles) {
    constexpr std::int64_t kTime = 1700000000;
    const testing::TempFolder folder;
    const fs::path file = folder.write("disk.raw", "begin");
    fs::resize_file(file, 64 * kMiB);
    std::string zeros(kMiB, '\0');  // written, so it is no hole; yet no data either
    folder.write("disk.raw", "begin" + zeros + std::string(5000, 'x'));
    fs::resize_file(file, 64 * kMiB);
    auto sink = file_sink(folder.path() / "a.tar", std::nullopt).value();
    TarWriter tar(*sink);
    ASSERT_TRUE(tar.add_sparse("disk.raw", file, kTime));
    ASSERT_TRUE(tar.end());
    ASSERT_TRUE(sink->finish());
    EXPECT_LT(fs::file_size(folder.path() / "a.tar"), 32 * kKiB);
    for (const char* program : {"tar", "bsdtar"}) {
        const fs::path back = folder.path() / program;
        fs::create_directory(back);
        EXPECT_EQ(said({program, "-x", "-f", folder.path() / "a.tar", "-C", back}), "");
        EXPECT_EQ(said({"cmp", file, back / "disk.raw"}), "") << program;
        EXPECT_EQ(said({"stat", "-c", "%a %Y", back / "disk.raw"}), fmt::format("644 {}\n", kTime));
    }
}

TEST(AccessList, IsWrittenAsText) {
    const std::string value(
        "\2\0\0\0"
        "\1\0\6\0\xff\xff\xff\xff"
        "\2\0\5\0\xe8\3\0\0",
        20);
    EXPECT_EQ(access_list_text(value).value(), "user::rw-,user:1000:r-x");
    EXPECT_FALSE(access_list_text(value.substr(0, 19)));
    EXPECT_FALSE(access_list_text("\1" + value.substr(1)));
}

}  // namespace
}  // namespace img::archive
