#include "engine/output_options.hpp"

#include "base/byte_size.hpp"
#include "engine/build_request.hpp"

#include <gtest/gtest.h>

namespace img::engine {
namespace {

TEST(OutputOptions, TakeTheirValuesWithAnEqualsSignOrBehindABlank) {
    OutputOptions options;
    const auto left = take_output_options(
        {"--persistence=1G", "--subformat", "fixed", "--shrink", "-f", "raw"}, options);
    ASSERT_TRUE(left) << left.error().message;
    EXPECT_EQ(*left, (std::vector<std::string>{"-f", "raw"}));
    EXPECT_EQ(options.image.persistence_bytes, kGiB);
    EXPECT_EQ(options.image.subformat, "fixed");
    EXPECT_TRUE(options.image.shrink);
    EXPECT_FALSE(options.md5);
}

TEST(OutputOptions, AreKnownByTheNamesThatMicGaveThem) {
    OutputOptions options;
    const auto left =
        take_output_options({"--generate-bmap", "--genchecksum", "--save-kernel", "--volumeid=Box",
                             "--overlay-size-mb", "64", "--taring-to=@NAME@.tar.gz"},
                            options);
    ASSERT_TRUE(left) << left.error().message;
    EXPECT_TRUE(left->empty());
    EXPECT_TRUE(options.bmap && options.md5 && options.copy_kernel);
    EXPECT_EQ(options.image.volume_id, "Box");
    EXPECT_EQ(options.image.persistence_bytes, 64 * kMiB);
    EXPECT_EQ(options.pack_to, "@NAME@.tar.gz");
}

TEST(OutputOptions, KnowTheShortEndingsAndTheProgramsNames) {
    OutputOptions options;
    ASSERT_TRUE(take_output_options({"--pack-to=@NAME@.tgz", "--compress-image=bzip2"}, options));
    EXPECT_EQ(options.pack_to, "@NAME@.tar.gz");
    EXPECT_EQ(options.image.compressor, image::Compressor::bz2);
}

TEST(OutputOptions, RecordWhatIsListed) {
    OutputOptions options;
    ASSERT_TRUE(take_output_options({"--record-pkgs=name,content,license,vcs"}, options));
    EXPECT_TRUE(options.file_list && options.license_list && options.sources);
    OutputOptions names;
    ASSERT_TRUE(take_output_options({"--record-pkgs", "name"}, names));
    EXPECT_FALSE(names.file_list || names.license_list || names.sources);
}

TEST(OutputOptions, RefuseWhatIsNoValueAndNameTheOption) {
    const auto said = [](std::vector<std::string> words) {
        OutputOptions options;
        const auto taken = take_output_options(words, options);
        return taken ? "" : taken.error().message;
    };
    EXPECT_EQ(said({"--persistence"}), "--persistence wants a value: --persistence=SIZE");
    EXPECT_EQ(said({"--shrink=yes"}), "--shrink takes no value");
    EXPECT_EQ(said({"--record-pkgs=url"}),
              "--record-pkgs: 'url' cannot be recorded; there is: name, content, license, vcs");
    EXPECT_TRUE(said({"--pack-to=../x.tar"}).starts_with("--pack-to: "));
    EXPECT_TRUE(said({"--pack-to=x.rar"}).starts_with("--pack-to: "));
    EXPECT_EQ(said({"--compress=rar"}),
              "--compress: no compression 'rar'; there is: gz, xz, zst, bz2, lzo");
    EXPECT_TRUE(said({"--persistence=much"}).starts_with("--persistence: "));
}

TEST(OutputOptions, HaveAWordForPeopleEach) {
    for (const OutputOption& option : output_options()) {
        EXPECT_TRUE(option.name.starts_with("--")) << option.name;
        EXPECT_FALSE(option.what.empty()) << option.name;
        EXPECT_LT(option.what.size(), 70u) << option.name;
    }
}

TEST(OutputOptions, SayWhichOfThemChangeNothingOfAType) {
    OutputOptions options;
    ASSERT_TRUE(take_output_options(
        {"--shrink", "--persistence=1G", "--bmap", "--md5", "--compress=gz"}, options));
    const auto idle = [&](std::string_view type) {
        return idle_options(options, image::find_image_type(type).value()).size();
    };
    EXPECT_EQ(idle("raw"), 2u);      // --shrink and --persistence
    EXPECT_EQ(idle("loop"), 2u);     // --persistence and --bmap
    EXPECT_EQ(idle("liveusb"), 2u);  // --shrink and --bmap
    EXPECT_EQ(idle("nand"), 3u);     // --shrink, too: UBIFS has the chip's size
    EXPECT_EQ(idle("tar"), 3u);
    EXPECT_EQ(idle_options(options, image::find_image_type("ext4").value()).front(),
              "--persistence");
    OutputOptions of_a_cd;
    ASSERT_TRUE(take_output_options({"--volume-id=Box"}, of_a_cd));
    for (const auto& type : image::image_types()) {
        EXPECT_EQ(idle_options(of_a_cd, type).empty(), type.name == "livecd") << type.name;
    }
}

TEST(OutputOptions, AreSaidToBeIdleInASentenceAndSoIsASize) {
    BuildRequest request;
    request.image_type = "tar";
    request.disk_bytes = kMiB;
    ASSERT_TRUE(take_output_options({"--bmap", "--md5", "--virt-xml"}, request.options));
    EXPECT_EQ(idle_wishes(request),
              (std::vector<std::string>{"--bmap changes nothing of an image of type tar",
                                        "--virt-xml changes nothing of an image of type tar",
                                        "--size changes nothing of an image of type tar"}));
    request.image_type = "raw";
    EXPECT_TRUE(idle_wishes(request).empty());
    request.image_type = "rwa";
    EXPECT_TRUE(idle_wishes(request).empty());
}

}  // namespace
}  // namespace img::engine
