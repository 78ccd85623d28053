#include "kickstart/metadata.hpp"

#include <gtest/gtest.h>

namespace img::kickstart {
namespace {

using Words = std::vector<std::string>;

Mic2Options options_of(const std::string& line) {
    return read_metadata(line, "a.ks").mic2.value();
}

TEST(Metadata, IsReadFromCommentsWhereverTheyStand) {
    const auto metadata = read_metadata(
        "part / --size=1\n"
        "# DisplayName: Board, small\n"
        "  #Description:  A board: with SSH  \r\n"
        "## KickstartType: release\n"
        "# SuggestedArchitecture: armv7hl\n"
        "# SuggestedImageType: fs\n"
        "# SuggestedFeatures: devel, ,sdk\n"
        "# DeviceModel: N9\n# DeviceVariant: b\n# Brand: Acme\n"
        "%packages\n# DisplayName: another\n%end",
        "a.ks");
    EXPECT_EQ(metadata.display_name, "Board, small");
    EXPECT_EQ(metadata.description, "A board: with SSH");
    EXPECT_EQ(metadata.kickstart_type, "release");
    EXPECT_EQ(metadata.suggested_architecture, "armv7hl");
    EXPECT_EQ(metadata.suggested_image_type, "fs");
    EXPECT_EQ(metadata.suggested_features, (Words{"devel", "sdk"}));
    EXPECT_EQ(metadata.device_model, "N9");
    EXPECT_EQ(metadata.device_variant, "b");
    EXPECT_EQ(metadata.brand, "Acme");
    EXPECT_FALSE(metadata.mic2);
    EXPECT_TRUE(metadata.notes.empty());
}

TEST(Metadata, TakesNoHeaderFromALineThatIsNoComment) {
    EXPECT_EQ(read_metadata("DisplayName: x\n#\n# SuggestedImageType raw\n", "a.ks").display_name,
              "");
}

TEST(Metadata, ShowsNobodyControlCharactersOrBrokenText) {
    EXPECT_EQ(read_metadata("# Brand: a\x1b[2J\n", "a.ks").brand, "a");
    EXPECT_EQ(read_metadata("# Brand: b\xff\n", "a.ks").brand, "b");
    EXPECT_EQ(read_metadata("# Brand: " + std::string(5000, 'x'), "a.ks").brand.size(), 999U);
}

TEST(Mic2Options, AreReadFromBetweenTheMarks) {
    const auto options = options_of(
        "# -*-mic2-options-*- -f livecd --record-pkgs=name,content --arch=i686 "
        "--pack-to=@NAME@.tar.gz --release latest -P demo --suffix= -Zbz2 -*-mic2-options-*-\n");
    EXPECT_EQ(options.format, "livecd");
    EXPECT_EQ(options.architecture, "i686");
    EXPECT_EQ(options.record_packages, (Words{"name", "content"}));
    EXPECT_EQ(options.pack_to, "@NAME@.tar.gz");
    EXPECT_EQ(options.release, "latest");
    EXPECT_EQ(options.name_prefix, "demo");
    EXPECT_EQ(options.name_suffix, "");
    EXPECT_EQ(options.compression, "bz2");
    EXPECT_TRUE(options.others.empty());
    EXPECT_EQ(options.where, (syntax::Location{.file = "a.ks", .line = 1, .column = 1}));
}

TEST(Mic2Options, KeepTheWordsThatAreNotTheirOwn) {
    const auto metadata = read_metadata(
        "\n# -*-mic2-options-*- -v -A armv7l --copy-kernel -floop -*-mic2-options-*-", "a.ks");
    const auto options = metadata.mic2.value();
    EXPECT_EQ(options.format, "loop");
    EXPECT_EQ(options.architecture, "armv7l");
    EXPECT_EQ(options.name_suffix, std::nullopt);
    EXPECT_EQ(options.others, (Words{"-v", "--copy-kernel"}));
    EXPECT_TRUE(metadata.notes.empty());
}

TEST(Mic2Options, HaveTheFormatAloneInTheOlderMark) {
    const auto options = options_of("# -*-mic-options-*- loop --arch=i586 -*-mic-options-*-");
    EXPECT_EQ(options.format, "loop");
    EXPECT_EQ(options.architecture, "i586");
}

TEST(Mic2Options, AreNotedWhereTheirQuotesDoNotEnd) {
    const auto metadata = read_metadata("# -*-mic2-options-*- -f 'raw -*-mic2-options-*-", "a.ks");
    EXPECT_EQ(metadata.mic2.value().format, "");
    ASSERT_EQ(metadata.notes.size(), 1U);
    EXPECT_TRUE(metadata.notes[0].text.starts_with("the mic2 options are not read: "))
        << metadata.notes[0].text;
}

TEST(Mic2Options, AreThoseOfTheFirstSuchLine) {
    EXPECT_EQ(options_of("# -*-mic2-options-*- -f raw\n# -*-mic2-options-*- -f fs").format, "raw");
}

}  // namespace
}  // namespace img::kickstart
