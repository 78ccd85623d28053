#include "system/id_map.hpp"

#include <gtest/gtest.h>
#include <unistd.h>

namespace img::system {
namespace {

TEST(IdMap, FindsTheRangeOfAUserByNameOrNumber) {
    constexpr const char* kFile = "eve:100000:65536\nadam:200000:65536\n1002:300000:65536\n";
    EXPECT_EQ(subordinate_range(kFile, "adam", 1001).outside, 200000u);
    EXPECT_EQ(subordinate_range(kFile, "nobody", 1002).outside, 300000u);
}

TEST(IdMap, PassesOverRangesThatAreTooSmallOrBroken) {
    constexpr const char* kFile = "adam:200000:10\nadam\nadam:x:y\nadam:500000:65535\n";
    EXPECT_EQ(subordinate_range(kFile, "adam", 1001).outside, 500000u);
    EXPECT_EQ(subordinate_range(kFile, "eve", 1003).count, 0u);
}

TEST(IdMap, GivesRootEveryIdAsItIs) {
    if (::geteuid() == 0) {
        const auto maps = id_maps_for_us();
        ASSERT_TRUE(maps);
        ASSERT_FALSE(maps->users.empty());
        EXPECT_EQ(maps->users[0].inside, maps->users[0].outside);
    } else {
        const auto maps = id_maps_for_us();
        EXPECT_TRUE(maps || maps.error().message.contains("usermod --add-subuids"));
    }
}

}  // namespace
}  // namespace img::system
