#include "kickstart/package_wishes.hpp"

#include "kickstart/bounds.hpp"

#include <gtest/gtest.h>

namespace img::kickstart {
namespace {

PackageWish wish(std::string_view text) {
    return parse_package_wish(text).value();
}

template <typename Name>
std::string names(const std::vector<Name>& list) {
    std::string out;
    for (const auto& name : list) {
        out += name.text + ' ';
    }
    return out;
}

TEST(PackageWishes, ReadsMarks) {
    EXPECT_EQ(wish("vim").text, "vim");
    EXPECT_TRUE(wish("vim").wanted);
    EXPECT_FALSE(wish("-vim").wanted);
    EXPECT_TRUE(wish("@core").group);
    EXPECT_EQ(wish("@ Base System").text, "Base System");
    EXPECT_TRUE(wish("-@core").group);
    EXPECT_FALSE(wish("-@core").wanted);
    EXPECT_EQ(wish("-@core").text, "core");
}

TEST(PackageWishes, TakesNoOptionForAName) {
    for (const std::string_view text : {"--root=/", "--vim", "-", "@", "-@", "", "@-x", "a;b"}) {
        EXPECT_FALSE(parse_package_wish(text)) << text;
    }
}

TEST(PackageWishes, LetTheLaterWordWin) {
    PackageWishes wishes;
    EXPECT_EQ(wishes.add(wish("vim")), PackageWishes::Added::first);
    EXPECT_EQ(wishes.add(wish("@vim")), PackageWishes::Added::first) << "a group of that name";
    EXPECT_EQ(wishes.add(wish("vim")), PackageWishes::Added::repeated);
    EXPECT_EQ(wishes.add(wish("-vim")), PackageWishes::Added::reversed);
    EXPECT_EQ(wishes.add(wish("nano")), PackageWishes::Added::first);
    Packages packages;
    wishes.store(packages);
    EXPECT_EQ(names(packages.names), "nano ");
    EXPECT_EQ(names(packages.excluded), "vim ");
    EXPECT_EQ(names(packages.groups), "vim ");
    EXPECT_EQ(names(packages.excluded_groups), "");
}

TEST(PackageWishes, EndAtTheirBound) {
    PackageWishes wishes;
    for (std::size_t i = 0; i < kPackagesMax; ++i) {
        ASSERT_EQ(wishes.add(wish("p" + std::to_string(i))), PackageWishes::Added::first);
    }
    EXPECT_EQ(wishes.add(wish("one-more")), PackageWishes::Added::too_many);
    EXPECT_EQ(wishes.add(wish("p0")), PackageWishes::Added::repeated);
}

}  // namespace
}  // namespace img::kickstart
