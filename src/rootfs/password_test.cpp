#include "rootfs/password.hpp"

#include "kickstart/document.hpp"
#include "tests/support/temp_tree.hpp"
#include "tree/tree.hpp"

#include <crypt.h>
#include <gtest/gtest.h>

namespace img::rootfs {
namespace {

using kickstart::PasswordKind;
using tree::Tree;

/// As login(1) checks: hashing again with the hash as the setting gives the hash.
bool opens(const std::string& hash, const char* password) {
    crypt_data data{};
    const char* again = ::crypt_r(password, hash.c_str(), &data);
    return again != nullptr && hash == again;
}

TEST(Password, OpensWithItsOwnWordAndNoOther) {
    for (const auto& [method, prefix] :
         {std::pair(HashMethod::yescrypt, "$y$"), std::pair(HashMethod::sha512, "$6$")}) {
        const std::string hash = hash_password("secret", method, "").value();
        EXPECT_TRUE(hash.starts_with(prefix)) << hash;
        EXPECT_TRUE(opens(hash, "secret"));
        EXPECT_FALSE(opens(hash, "Secret"));
    }
}

TEST(Password, IsSaltedByTheSeedSoThatABuildCanBeRepeated) {
    const auto hash = [](const char* plain, const char* seed) {
        return hash_password(plain, HashMethod::yescrypt, seed).value();
    };
    EXPECT_EQ(hash("secret", "image 1:root"), hash("secret", "image 1:root"));
    EXPECT_NE(hash("secret", "image 1:root"), hash("secret", "image 2:root"));
    EXPECT_NE(hash("secret", ""), hash("secret", ""));
}

TEST(Password, TooLongToHashIsRefused) {
    const auto hash = hash_password(std::string(1000, 'x'), HashMethod::yescrypt, "");
    ASSERT_FALSE(hash);
    EXPECT_EQ(hash.error().fault, Fault::invalid);
}

TEST(Password, IsMarkedWhenItIsLocked) {
    const auto field = [](const kickstart::Password& password) {
        return shadow_field(password, HashMethod::sha512, "seed");
    };
    EXPECT_TRUE(field({.text = "secret", .locked = true}).value().starts_with("!$6$"));
    EXPECT_EQ(field({.text = "", .locked = true}).value(), "!");
    EXPECT_EQ(field({.text = "$6$abc$def", .kind = PasswordKind::crypted}).value(), "$6$abc$def");
}

TEST(Password, ThatWouldBreakTheShadowFileIsRefused) {
    for (const char* text : {"a:b", "a\nroot2::0:", "a b"}) {
        const auto field =
            shadow_field({.text = text, .kind = PasswordKind::crypted}, HashMethod::sha512, "seed");
        ASSERT_FALSE(field) << text;
        EXPECT_EQ(field.error().fault, Fault::invalid);
    }
}

TEST(Password, FollowsThePamOfTheTree) {
    testing::TempTree temp;
    const Tree tree = Tree::open(temp.folder).value();
    EXPECT_EQ(hash_method(tree), HashMethod::sha512);
    temp.put("/etc/pam.d/common-password",
             "# replace yescrypt for older releases\n"
             "password [success=1 default=ignore] pam_unix.so obscure sha512\n");
    EXPECT_EQ(hash_method(tree), HashMethod::sha512);
    temp.put("/etc/pam.d/common-password",
             "password [success=1 default=ignore] pam_unix.so obscure yescrypt\n");
    EXPECT_EQ(hash_method(tree), HashMethod::yescrypt);
}

TEST(Password, FollowsThePamOfAnRpmTreeOrItsLoginDefs) {
    testing::TempTree temp;
    const Tree tree = Tree::open(temp.folder).value();
    temp.put("/etc/login.defs", "# ENCRYPT_METHOD DES\nENCRYPT_METHOD YESCRYPT\n");
    EXPECT_EQ(hash_method(tree), HashMethod::yescrypt);
    temp.put("/etc/pam.d/system-auth",
             "auth        sufficient    pam_unix.so nullok\n"
             "password    sufficient    pam_unix.so sha512 shadow nullok\n");
    EXPECT_EQ(hash_method(tree), HashMethod::sha512);
}

}  // namespace
}  // namespace img::rootfs
