#include "packages/apt_preferences.hpp"

#include <gtest/gtest.h>

namespace img::packages {
namespace {

Repository repository(const char* host, const char* suite) {
    return {.name = suite,
            .url = std::string("https://") + host + "/debian",
            .suite = suite,
            .components = {"main"},
            .origin = "demo.ks:3"};
}

TEST(AptPreferences, AreEmptyWhereNobodyAskedForAnything) {
    auto last = repository("a.example", "one");
    last.priority = 99;
    EXPECT_EQ(*preferences({repository("a.example", "one"), last}), "");
}

TEST(AptPreferences, TellARepositoryByItsHost) {
    auto two = repository("b.example", "bookworm");
    two.priority = 1;
    two.exclude_packages = {"tool", "lib*"};
    EXPECT_EQ(*preferences({repository("a.example", "bookworm"), two}),
              "Package: tool lib*\nPin: origin \"a.example\"\nPin-Priority: 500\n\n"
              "Package: tool lib*\nPin: origin \"b.example\"\nPin-Priority: -1\n\n"
              "Package: *\nPin: origin \"b.example\"\nPin-Priority: 599\n\n");
}

TEST(AptPreferences, TellARepositoryByItsSuiteWhereTheHostIsShared) {
    auto two = repository("a.example", "extra");
    two.include_packages = {"tool"};
    EXPECT_EQ(*preferences({repository("a.example", "bookworm"), two}),
              "Package: tool\nPin: release n=extra\nPin-Priority: 500\n\n"
              "Package: tool\nPin: release a=extra\nPin-Priority: 500\n\n"
              "Package: *\nPin: release n=extra\nPin-Priority: -1\n\n"
              "Package: *\nPin: release a=extra\nPin-Priority: -1\n\n");
}

TEST(AptPreferences, RefuseWhatAptCannotTellApart) {
    auto two = repository("a.example", "bookworm");
    two.exclude_packages = {"tool"};
    const auto text = preferences({repository("a.example", "bookworm"), two});
    ASSERT_FALSE(text);
    EXPECT_EQ(text.error().fault, Fault::invalid);
    EXPECT_TRUE(text.error().message.starts_with("demo.ks:3: repository bookworm: "));
}

}  // namespace
}  // namespace img::packages
