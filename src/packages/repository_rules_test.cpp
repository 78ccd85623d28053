#include "packages/repository_rules.hpp"

#include <gtest/gtest.h>

namespace img::packages {
namespace {

Repository repository() {
    return {.name = "base",
            .url = "https://a.example/debian",
            .suite = "bookworm",
            .components = {"main"},
            .origin = "demo.ks:3"};
}

TEST(RepositoryRules, TakePasswordsOutOfTheUrl) {
    auto one = repository();
    one.url = "https://me:p%2Bq@a.example/debian";
    const auto found = checked({one});
    ASSERT_TRUE(found) << found.error().message;
    EXPECT_EQ(found->front().url, "https://a.example/debian");
    EXPECT_EQ(found->front().user, "me");
    EXPECT_EQ(found->front().password, "p+q");
}

TEST(RepositoryRules, RefuseWordsThatBreakOutOfAptsFiles) {
    using Change = void (*)(Repository&, const std::string&);
    const Change changes[] = {
        [](Repository& r, const std::string& bad) { r.url += bad; },
        [](Repository& r, const std::string& bad) {
            r.url.clear(), r.mirrorlist = "http://a/" + bad;
        },
        [](Repository& r, const std::string& bad) { r.suite += bad; },
        [](Repository& r, const std::string& bad) { r.components.push_back("main" + bad); },
        [](Repository& r, const std::string& bad) { r.proxy = "http://proxy.example" + bad; },
        [](Repository& r, const std::string& bad) { r.user = "me" + bad; },
        [](Repository& r, const std::string& bad) { r.user = "me", r.password = "x" + bad; },
        [](Repository& r, const std::string& bad) { r.include_packages = {"x" + bad}; },
        [](Repository& r, const std::string& bad) { r.exclude_packages = {"x" + bad}; }};
    for (const Change change : changes) {
        auto good = repository();
        change(good, "");
        EXPECT_TRUE(checked({good})) << checked({good}).error().message;
        for (const char* bad :
             {"\ndeb http://b.example/ x main", " y", "\"", "'", "\t", "\r", "\\"}) {
            auto one = repository();
            change(one, bad);
            const auto found = checked({one});
            ASSERT_FALSE(found) << bad;
            EXPECT_EQ(found.error().fault, Fault::invalid);
            EXPECT_TRUE(found.error().message.starts_with("demo.ks:3: repository base: "));
        }
    }
}

TEST(RepositoryRules, RefuseWhatAptWouldRunOrReadOtherwise) {
    for (const char* url : {"ssh://a.example/x", "store:/x", "cdrom:[x]/"}) {
        auto one = repository();
        one.url = url;
        EXPECT_FALSE(checked({one})) << url;
    }
    auto regular_expression = repository();
    regular_expression.exclude_packages = {"/./"};
    EXPECT_FALSE(checked({regular_expression}));
    auto both = repository();
    both.mirrorlist = "https://a.example/list";
    EXPECT_FALSE(checked({both}));
    auto outside = repository();
    outside.priority = 100;
    EXPECT_FALSE(checked({outside}));
}

}  // namespace
}  // namespace img::packages
