// Held against Debian's bmaptool, which checks every checksum while it copies.
#include "vdisk/bmap.hpp"

#include "tests/support/virtual_disks.hpp"

#include <gtest/gtest.h>

namespace img::vdisk {
namespace {

class Bmap : public ::testing::Test {
protected:
    std::filesystem::path file(const char* name) const { return folder_.path() / name; }
    /// What bmaptool says; "" where it is content.
    std::string copy() {
        system::ProcessRunner runner;
        const auto said =
            runner.run({.argv = {"bmaptool", "--quiet", "copy", "--bmap", file("disk.bmap"),
                                 file("disk.raw"), file("copy.raw")}});
        return said ? "" : said.error().message;
    }

    testing::TempFolder folder_;
};

TEST_F(Bmap, LeadsBmaptoolToEveryByte) {
    // An end inside a block, neighbours, and a single block.
    const std::uint64_t size = 40 * kMiB + 1536;
    make_raw(file("disk.raw"), size,
             {{0, noise(5000, 1)}, {8 * kMiB, noise(3 * kMiB, 2)}, {size - 9, "the end.."}});
    const auto made = write_bmap(file("disk.raw"), file("disk.bmap"));
    ASSERT_TRUE(made) << made.error().message;
    ASSERT_EQ(copy(), "");
    EXPECT_TRUE(content(file("disk.raw")) == content(file("copy.raw")));
    const std::string map = content(file("disk.bmap"));
    EXPECT_NE(map.find("<Range chksum="), std::string::npos);
    EXPECT_NE(map.find(fmt::format("<ImageSize> {} </ImageSize>", size)), std::string::npos) << map;
    EXPECT_NE(map.find("> 2048-2815 </Range>"), std::string::npos) << map;
}

TEST_F(Bmap, LetsBmaptoolSeeADamagedImage) {
    make_raw(file("disk.raw"), kMiB, {{4096, noise(8192, 1)}});
    ASSERT_TRUE(write_bmap(file("disk.raw"), file("disk.bmap")));
    ASSERT_TRUE(system::write_at(file("disk.raw"), 5000, "damage"));
    EXPECT_NE(copy().find("checksum"), std::string::npos) << copy();
}

TEST_F(Bmap, LetsBmaptoolSeeADamagedMap) {
    make_raw(file("disk.raw"), kMiB, {{4096, noise(8192, 1)}});
    ASSERT_TRUE(write_bmap(file("disk.raw"), file("disk.bmap")));
    std::string map = content(file("disk.bmap"));
    map.replace(map.find("<MappedBlocksCount> 2"), 21, "<MappedBlocksCount> 3");
    folder_.write("disk.bmap", map);
    EXPECT_NE(copy().find("checksum"), std::string::npos) << copy();
}

TEST_F(Bmap, MapsAnImageOfHoles) {
    make_raw(file("disk.raw"), 5 * kMiB, {});
    ASSERT_TRUE(write_bmap(file("disk.raw"), file("disk.bmap")));
    EXPECT_NE(content(file("disk.bmap")).find("<MappedBlocksCount> 0 "), std::string::npos);
}

TEST_F(Bmap, SaysWhatItCannotMap) {
    EXPECT_EQ(write_bmap(file("none"), file("disk.bmap")).error().fault, Fault::missing);
    EXPECT_EQ(write_bmap(folder_.path(), file("disk.bmap")).error().fault, Fault::invalid);
    folder_.write("empty", "");
    EXPECT_EQ(write_bmap(file("empty"), file("disk.bmap")).error().message,
              "empty: it is empty, and there is nothing to map");
}

}  // namespace
}  // namespace img::vdisk
