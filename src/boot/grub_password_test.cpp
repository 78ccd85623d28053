#include "boot/grub_password.hpp"

#include <gtest/gtest.h>

namespace img::boot {
namespace {

TEST(GrubPassword, IsOfTheFormThatGrubReads) {
    const auto hash = grub_password_hash("secret", "seed").value();
    const std::string start = "grub.pbkdf2.sha512.10000.";
    ASSERT_TRUE(hash.starts_with(start)) << hash;
    EXPECT_EQ(hash.size(), start.size() + 128 + 1 + 128);
    EXPECT_EQ(hash.find_first_not_of("0123456789ABCDEF.", start.size()), std::string::npos);
    EXPECT_EQ(hash, grub_password_hash("secret", "seed").value());
    EXPECT_NE(hash, grub_password_hash("secret", "other").value());
    EXPECT_NE(hash, grub_password_hash("Secret", "seed").value());
}

}  // namespace
}  // namespace img::boot
