#include "kickstart/overlay.hpp"

#include <gtest/gtest.h>

namespace img::kickstart {
namespace {

PackageName name(std::string text, unsigned line = 1) {
    return {.text = std::move(text), .where = {.file = "overlay", .line = line, .column = 0}};
}

using Names = std::vector<PackageName>;

TEST(Overlay, ReadsNamesBetweenCommasAndLineEnds) {
    const auto overlay = parse_overlay(" vim, -nano,,@core\r\n\n-@games , htop ").value();
    EXPECT_EQ(overlay.names, (Names{name("vim"), name("htop", 3)}));
    EXPECT_EQ(overlay.excluded, Names{name("nano")});
    const PackageGroup core{.text = "core",
                            .scope = GroupScope::defaults,
                            .where = {.file = "overlay", .line = 1, .column = 0}};
    EXPECT_EQ(overlay.groups, std::vector{core});
    EXPECT_EQ(overlay.excluded_groups, Names{name("games", 3)});
}

TEST(Overlay, MayBeEmpty) {
    EXPECT_EQ(parse_overlay("").value(), Packages{});
    EXPECT_EQ(parse_overlay(" ,\n, ").value(), Packages{});
}

TEST(Overlay, RefusesEveryNameThatDoesNotDo) {
    const auto overlay = parse_overlay("vim,$(id)\n--root=/,htop");
    ASSERT_FALSE(overlay);
    EXPECT_EQ(overlay.error().fault, Fault::invalid);
    const auto why =
        " is not a package name: letters, digits and + . _ : ~ -, with * and ? as globs, at most "
        "128, a letter or digit first";
    EXPECT_EQ(overlay.error().message,
              std::string("overlay:1: '$(id)'") + why + "\noverlay:2: '--root=/'" + why);
}

TEST(Overlay, ShowsTenFaultsAndCountsTheRest) {
    std::string text;
    for (int i = 0; i < 25; ++i) {
        text += "a b,";
    }
    const auto message = parse_overlay(text).error().message;
    EXPECT_TRUE(message.ends_with("\noverlay: 15 more are not shown")) << message;
}

TEST(Overlay, IsBounded) {
    EXPECT_EQ(parse_overlay(std::string((1u << 20) + 1, ',')).error().message,
              "the overlay is larger than 1 MiB; put the names into the kickstart's %packages");
}

TEST(Overlay, WinsOverTheKickstart) {
    Packages packages{
        .names = {name("vim"), name("nano")}, .excluded = {name("htop")}, .no_core = true};
    apply_overlay(packages, parse_overlay("-nano,htop,git").value());
    EXPECT_EQ(packages.names, (Names{name("vim"), name("htop"), name("git")}));
    EXPECT_EQ(packages.excluded, Names{name("nano")});
    EXPECT_TRUE(packages.no_core);
}

}  // namespace
}  // namespace img::kickstart
