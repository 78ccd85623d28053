#include "vdisk/vmdk_descriptor.hpp"

#include <fmt/format.h>
#include <gtest/gtest.h>

namespace img::vdisk {
namespace {

std::string complaint(const std::string& text) {
    const auto parsed = parse_vmdk_descriptor(text);
    return parsed ? "" : parsed.error().message;
}

TEST(VmdkDescriptor, IsReadAsItWasPrinted) {
    const VmdkExtent extent{
        .kind = VmdkExtent::Kind::flat, .sectors = 2048, .file = "my disk-flat.vmdk"};
    const auto parsed =
        parse_vmdk_descriptor(print_vmdk_descriptor({.create_type = "monolithicFlat",
                                                     .extent = extent,
                                                     .id = uuid_from("a"),
                                                     .modification = uuid_from("b")}));
    ASSERT_TRUE(parsed) << parsed.error().message;
    EXPECT_EQ(parsed->create_type, "monolithicFlat");
    EXPECT_FALSE(parsed->has_parent);
    EXPECT_EQ(parsed->extents, std::vector{extent});
}

TEST(VmdkDescriptor, KnowsItsExtentsAndItsParent) {
    const auto parsed = parse_vmdk_descriptor(
        "# Disk DescriptorFile\r\nparentCID = 12345678\r\ncreateType=\"custom\"\r\n"
        "RW 63 FLAT \"a.vmdk\" 7\r\nRW 100 ZERO\r\nRDONLY 9 SPARSE \"b.vmdk\"\r\nnonsense\r\n");
    ASSERT_TRUE(parsed) << parsed.error().message;
    EXPECT_TRUE(parsed->has_parent);
    EXPECT_EQ(
        parsed->extents,
        (std::vector<VmdkExtent>{
            {.kind = VmdkExtent::Kind::flat, .sectors = 63, .file = "a.vmdk", .first_sector = 7},
            {.kind = VmdkExtent::Kind::zero, .sectors = 100},
            {.kind = VmdkExtent::Kind::sparse, .sectors = 9, .file = "b.vmdk"}}));
}

TEST(VmdkDescriptor, LeadsToNoOtherFolder) {
    for (const char* name : {"/etc/shadow", "../a", "a/b", "..", ".", ""}) {
        EXPECT_NE(complaint(fmt::format("RW 1 FLAT \"{}\" 0", name)).find("in a file of the same"),
                  std::string::npos)
            << name;
    }
    EXPECT_NE(complaint("RW 1 FLAT none 0"), "");
}

TEST(VmdkDescriptor, QuotesNothingThatATerminalShouldNotShow) {
    EXPECT_EQ(complaint("RW 1 \xff\x1b[2J"),
              "an extent of kind '\\xff\\x1b[2J' needs VMware to be read, in its line 'RW 1 "
              "\\xff\\x1b[2J'");
    EXPECT_LT(complaint("RW 1 " + std::string(5000, 'x')).size(), 300u);
}

TEST(VmdkDescriptor, RefusesWhatItCannotCount) {
    EXPECT_NE(complaint("RW 99999999999999999999 FLAT \"a\" 0").find("is no number of sectors"),
              std::string::npos);
    EXPECT_NE(complaint("RW -1 FLAT \"a\" 0"), "");
    EXPECT_NE(complaint("RW 1 VMFSRDM \"a\"").find("needs VMware to be read"), std::string::npos);
    EXPECT_NE(complaint("RW 1").find("is no extent"), std::string::npos);
    std::string many;
    for (int i = 0; i < 513; ++i) {
        many += "RW 1 ZERO\n";
    }
    EXPECT_EQ(complaint(many), "it has more than 512 extents");
}

}  // namespace
}  // namespace img::vdisk
