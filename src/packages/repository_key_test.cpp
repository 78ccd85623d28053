#include "packages/repository_key.hpp"

#include <gtest/gtest.h>

namespace img::packages {
namespace {

Repository repository(const char* keyring) {
    return {.name = "base", .keyring = keyring, .origin = "demo.ks:3"};
}

TEST(RepositoryKey, ComesFromAFileOrOverHttpsOnly) {
    EXPECT_FALSE(*is_fetched(repository("/keys/own.gpg")));
    EXPECT_TRUE(*is_fetched(repository("https://a.example/key")));
    EXPECT_TRUE(*is_fetched(repository("http://127.0.0.1:8000/key")));
    const auto plain = is_fetched(repository("http://a.example/key"));
    ASSERT_FALSE(plain);
    EXPECT_EQ(plain.error().message,
              "demo.ks:3: the key of repository base: over plain http it could be anyone's; name "
              "it with https://, or fetch it, look at it and name the file");
    EXPECT_FALSE(is_fetched(repository("http://127.0.0.1.a.example/key")));
    EXPECT_FALSE(is_fetched(repository("file:///etc/shadow")));
    EXPECT_FALSE(is_fetched(repository("https://a.example/key\" x")));
}

TEST(RepositoryKey, IsArmoredOrBinaryOrRefused) {
    EXPECT_EQ(*key_suffix("\n-----BEGIN PGP PUBLIC KEY BLOCK-----\n\nx"), ".asc");
    EXPECT_EQ(*key_suffix("\x99\x02"), ".gpg");
    EXPECT_EQ(*key_suffix("\xC6\x02"), ".gpg");
    for (const char* text : {"", "<html>", "-----BEGIN PGP PRIVATE KEY BLOCK-----", "\x95\x02"}) {
        EXPECT_FALSE(key_suffix(text)) << text;
    }
}

}  // namespace
}  // namespace img::packages
