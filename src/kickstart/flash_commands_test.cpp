#include "tests/support/kickstart_text.hpp"

#include <gtest/gtest.h>

namespace img::kickstart {
namespace {

TEST(NandCommand, ReadsEveryOption) {
    const auto parsed = parse_text(
        "nand --profile=n900 --peb=256 --page=4096 --subpage=1024 --blocks=2048 --reserve=0 "
        "--compressor=zlib --autoresize=rootfs\n");
    const Nand wanted{.profile = "n900",
                      .peb_kib = 256,
                      .page_bytes = 4096,
                      .subpage_bytes = 1024,
                      .blocks = 2048,
                      .reserved_blocks = 0,
                      .compressor = "zlib",
                      .autoresize = "rootfs",
                      .where = {.file = "t.ks", .line = 1, .column = 1}};
    ASSERT_TRUE(parsed.document.nand);
    EXPECT_EQ(*parsed.document.nand, wanted);
}

TEST(NandCommand, LeavesToTheProfileWhatIsNotSaid) {
    const auto parsed = parse_text("nand --profile=slc-2k\n");
    ASSERT_TRUE(parsed.document.nand);
    EXPECT_FALSE(parsed.document.nand->peb_kib);
    EXPECT_FALSE(parsed.document.nand->reserved_blocks);
}

TEST(NandCommand, RefusesWhatIsNoSize) {
    EXPECT_EQ(said("nand --peb=0\n"),
              Said{"t.ks:1:12: refused: nand --peb: 0 is none; leave it out for what the profile "
                   "says"});
    EXPECT_EQ(said("nand --peb=128KiB\n"),
              Said{"t.ks:1:12: error: nand --peb: '128KiB' is not a whole number"});
    EXPECT_EQ(said("nand --blocks=1073741825\n"),
              Said{"t.ks:1:15: refused: nand --blocks: '1073741825' is more than 1073741824"});
}

TEST(NandCommand, KnowsItsCompressors) {
    EXPECT_EQ(said("nand --compressor=bzip2\n").size(), 1u);
    EXPECT_EQ(said("nand --compressor=none\n"), Said{});
}

TEST(NandCommand, CountsTheLaterOfTwoLines) {
    const auto parsed = parse_text("nand --profile=n900\nnand --peb=64\n");
    EXPECT_EQ(parsed.document.nand->profile, "");
    EXPECT_EQ(said("nand --profile=n900\nnand --peb=64\n").size(), 1u);
}

}  // namespace
}  // namespace img::kickstart
