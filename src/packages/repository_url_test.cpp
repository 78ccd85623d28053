#include "packages/repository_url.hpp"

#include <gtest/gtest.h>

namespace img::packages {
namespace {

TEST(RepositoryUrl, IsReadInItsParts) {
    const auto url = parse_repository_url("https://me%40home:p%3Aq@a.example:81/x?y=z");
    ASSERT_TRUE(url) << url.error().message;
    EXPECT_EQ(url->user, "me@home");
    EXPECT_EQ(url->password, "p:q");
    EXPECT_EQ(url->host, "a.example");
    EXPECT_EQ(url->plain(), "https://a.example:81/x?y=z");
    EXPECT_EQ(parse_repository_url("http://[::1]:8/d")->plain(), "http://[::1]:8/d");
    EXPECT_EQ(parse_repository_url("file:/srv/d")->plain(), "file:/srv/d");
}

TEST(RepositoryUrl, RefusesWhatWouldEndAWordOrALine) {
    for (const char* text :
         {"http://a.example/x\ndeb http://b/", "http://a.example/x y", "http://a/\"", "http://a/'",
          "http://a/#", "http://a/\\", "", "a.example/x", "://x", "http://[::1/x", "http://a:b/x",
          "http://u:%zz@a/", "http://u:%4@a/"}) {
        EXPECT_FALSE(parse_repository_url(text)) << text;
    }
}

TEST(RepositoryUrl, DoesNotRepeatAPassword) {
    EXPECT_FALSE(
        parse_repository_url("http://me:secret@a.example/ x").error().message.contains("secret"));
}

TEST(RepositoryUrl, KnowsThisMachine) {
    for (const char* text : {"http://127.0.0.1/", "http://localhost:80/", "http://[::1]/"}) {
        EXPECT_TRUE(parse_repository_url(text)->is_loopback()) << text;
    }
    for (const char* text : {"http://127.example/", "http://localhost.example/"}) {
        EXPECT_FALSE(parse_repository_url(text)->is_loopback()) << text;
    }
}

}  // namespace
}  // namespace img::packages
