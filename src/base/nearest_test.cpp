#include "base/nearest.hpp"

#include <array>
#include <gtest/gtest.h>

namespace img {
namespace {

const std::array<std::string, 4> kVerbs{"build", "check", "submit", "status"};

TEST(Nearest, FindsTheWordThatWasMeant) {
    EXPECT_EQ(nearest("biuld", kVerbs), "build");
    EXPECT_EQ(nearest("submt", kVerbs), "submit");
    EXPECT_EQ(nearest("frobnicate", kVerbs), "");
    EXPECT_EQ(nearest("", kVerbs), "");
}

TEST(Nearest, ThinksOfSwappedLettersFirst) {
    const std::array<std::string, 3> editors{"vmg", "vim", "vi"};
    EXPECT_EQ(nearest("vmi", editors), "vim");
}

}  // namespace
}  // namespace img
