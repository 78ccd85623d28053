#include "packages/install_order.hpp"

#include <algorithm>
#include <gtest/gtest.h>

namespace img::packages {
namespace {

using Places = std::vector<std::size_t>;

DebControl package(const char* name, const char* pre_depends, const char* depends) {
    return {.name = name,
            .version = "1",
            .architecture = "all",
            .essential = false,
            .pre_depends = parse_relations(pre_depends),
            .depends = parse_relations(depends),
            .provides = {}};
}

TEST(InstallOrder, PutsEssentialPackagesAndAllTheyNeedFirst) {
    std::vector<DebControl> packages{package("app", "", "libc"),
                                     package("bash", "", "libc | libc0"),
                                     package("libc", "", "gcc-base"), package("gcc-base", "", "")};
    packages[1].essential = true;
    const auto order = install_order(packages);
    EXPECT_EQ(order.essential, (Places{1, 2, 3}));
    ASSERT_EQ(order.waves.size(), 1u);
    EXPECT_EQ(order.waves[0].unpacked, Places{0});
    EXPECT_TRUE(order.waves[0].configured_first.empty());
}

TEST(InstallOrder, ConfiguresPreDependsWithAllTheyNeedBeforeUnpacking) {
    const std::vector<DebControl> packages{
        package("systemd", "libssl (>= 3)", ""), package("libssl", "", "debconf"),
        package("debconf", "", ""), package("other", "", "systemd")};
    const auto order = install_order(packages);
    EXPECT_TRUE(order.essential.empty());
    ASSERT_EQ(order.waves.size(), 2u);
    EXPECT_EQ(order.waves[0].unpacked, (Places{1, 2, 3}));
    EXPECT_EQ(order.waves[1].configured_first, (Places{1, 2}));
    EXPECT_EQ(order.waves[1].unpacked, Places{0});
}

TEST(InstallOrder, TakesAProvidedNameForTheNameItself) {
    std::vector<DebControl> packages{package("a", "awk", ""), package("mawk", "", "")};
    packages[1].provides = {"awk"};
    const auto order = install_order(packages);
    ASSERT_EQ(order.waves.size(), 2u);
    EXPECT_EQ(order.waves[1].configured_first, Places{1});
}

TEST(InstallOrder, ConfiguresWhatIsToBeFirstWithAllItNeedsBeforeTheRest) {
    std::vector<DebControl> packages{package("app", "", ""), package("early", "", "tool"),
                                     package("tool", "helper", ""), package("helper", "", ""),
                                     package("base", "", "")};
    packages[4].essential = true;
    const std::vector<std::string> first{"ear*"};
    const auto order = install_order(packages, first);
    EXPECT_EQ(order.essential, Places{4});
    ASSERT_EQ(order.waves.size(), 3u);
    EXPECT_EQ(order.waves[0].unpacked, (Places{1, 3}));
    EXPECT_EQ(order.waves[1].configured_first, Places{3});
    EXPECT_EQ(order.waves[1].unpacked, Places{2});
    EXPECT_EQ(order.waves[2].configured_first, (Places{1, 2}));
    EXPECT_EQ(order.waves[2].unpacked, Places{0});
}

TEST(InstallOrder, EndsACircleInsteadOfTurningForEver) {
    const std::vector<DebControl> packages{package("a", "b", ""), package("b", "a", "")};
    const auto order = install_order(packages);
    ASSERT_EQ(order.waves.size(), 1u);
    EXPECT_EQ(order.waves[0].unpacked, (Places{0, 1}));
}

}  // namespace
}  // namespace img::packages
