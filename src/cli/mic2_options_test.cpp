#include "cli/mic2_options.hpp"

#include "cli/recorded_console.hpp"

#include <gtest/gtest.h>

namespace img::cli {
namespace {

struct Applied {
    engine::BuildRequest request{};
    KickstartFlags kickstart{.file = "phone.ks"};
    std::string said{};
    std::string error{};
};

Applied apply(const std::string& line, engine::BuildRequest request = {}) {
    Applied applied{.request = std::move(request)};
    applied.request.kickstart = "# -*-mic2-options-*- " + line + " -*-mic2-options-*-\n";
    applied.request.kickstart_name = "phone.ks";
    RecordedConsole recorded;
    const auto done = apply_mic2_options(applied.request, applied.kickstart, recorded.console);
    applied.error = done ? "" : done.error().message;
    applied.said = recorded.err.str();
    return applied;
}

TEST(Mic2Options, SayWhatIsMadeWhereNobodyElseDoes) {
    const auto applied = apply(
        "-f loop --record-pkgs=name,license --pack-to=@NAME@.tar --genchecksum --prefix=meego");
    EXPECT_EQ(applied.error, "");
    EXPECT_EQ(applied.request.image_type, "loop");
    EXPECT_EQ(applied.request.name, "meego-phone");
    EXPECT_TRUE(applied.request.options.license_list);
    EXPECT_TRUE(applied.request.options.md5);
    EXPECT_EQ(applied.request.options.pack_to, "@NAME@.tar");
    EXPECT_EQ(applied.said, "phone.ks:1: note: mic2-options: the image type is loop\n");
}

TEST(Mic2Options, GiveWayToTheCommandLine) {
    engine::BuildRequest request;
    request.image_type = "raw";
    request.name = "mine";
    const auto applied = apply("-f loop --prefix=meego", request);
    EXPECT_EQ(applied.request.image_type, "raw");
    EXPECT_EQ(applied.request.name, "mine");
    EXPECT_EQ(applied.said, "");
}

TEST(Mic2Options, NameWhatMeansNothingHere) {
    EXPECT_EQ(apply("--use-comps").said,
              "phone.ks:1: note: mic2-options: --use-comps has no meaning here\n");
}

TEST(Mic2Options, RefuseWhatCannotBeDone) {
    EXPECT_TRUE(apply("--arch=armv7l").error.contains("--arch=armv7l: this version makes images"));
    EXPECT_EQ(apply("--persistence=much --shrink").error.substr(0, 57),
              "phone.ks:1: error: mic2-options: --persistence: 'much' is");
}

TEST(Mic2Options, RefuseANameThatNoImageCanHave) {
    EXPECT_TRUE(apply("-f loop --prefix=../x")
                    .error.starts_with(
                        "phone.ks:1: error: mic2-options: '../x-phone' cannot name an image: "));
    EXPECT_TRUE(apply("-f loop --suffix=a/b").error.contains("'phone-a/b' cannot name an image"));
    EXPECT_TRUE(apply("-f loop --prefix=-n").error.contains("'-n-phone' cannot name an image"));
    EXPECT_EQ(apply("-f loop --suffix=1.0").error, "");
}

}  // namespace
}  // namespace img::cli
