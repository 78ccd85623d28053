#include "packages/apt_access.hpp"

#include <gtest/gtest.h>

namespace img::packages {
namespace {

TEST(AptAccess, GivesAPasswordToItsOwnServerOnly) {
    const Repository wide{.name = "wide",
                          .url = "https://a.example/debian",
                          .keyring = "https://keys.example/key",
                          .user = "u",
                          .password = "p"};
    const Repository narrow{.name = "narrow",
                            .url = "http://a.example:81/debian/inner",
                            .keyring = "https://me:mine@keys.example/other",
                            .user = "v",
                            .password = "q"};
    const Repository local{.url = "file:///srv/debian",
                           .keyring = "https://keys.example/key",
                           .user = "w",
                           .password = "r"};
    EXPECT_EQ(access_list({wide, narrow, local}),
              "machine http://a.example:81/debian/inner login v password q\n"
              "machine https://keys.example/other login me password mine\n"
              "machine https://a.example/debian login u password p\n");
}

TEST(AptAccess, SetsAProxyForEachHostThatHasOne) {
    const Repository one{.url = "http://a.example/x",
                         .keyring = "https://keys.example/k",
                         .proxy = "http://u:p@proxy.example:3128"};
    EXPECT_EQ(*proxy_settings({one, {.url = "http://b.example/x"}}),
              "Acquire::http::Proxy::a.example \"http://u:p@proxy.example:3128\";\n"
              "Acquire::https::Proxy::keys.example \"http://u:p@proxy.example:3128\";\n");
}

TEST(AptAccess, RefusesTwoProxiesForOneHost) {
    const Repository one{.url = "http://a.example/x", .proxy = "http://proxy.example"};
    EXPECT_FALSE(proxy_settings({one, {.url = "http://a.example/y"}}));
}

TEST(AptAccess, SetsOneProxyForAllWhereMirrorsCanBeAnyHost) {
    const Repository list{.mirrorlist = "http://a.example/x", .proxy = "http://proxy.example"};
    EXPECT_EQ(*proxy_settings({list}),
              "Acquire::http::Proxy \"http://proxy.example\";\n"
              "Acquire::http::Proxy::a.example \"http://proxy.example\";\n"
              "Acquire::https::Proxy \"http://proxy.example\";\n");
    EXPECT_FALSE(proxy_settings({list, {.url = "http://b.example/y"}}));
}

}  // namespace
}  // namespace img::packages
