#include "base/usage.hpp"

#include <gtest/gtest.h>

namespace img {
namespace {

const std::vector<std::string> kOptions{"--listen", "--broker"};

TEST(StrayWord, NamesTheOptionThatWasMeant) {
    EXPECT_EQ(stray_word("", {"--lisen=x"}, kOptions),
              "there is no option '--lisen'; did you mean '--listen'?");
    EXPECT_EQ(stray_word("build", {"--zzz"}, kOptions), "'build' has no option '--zzz'");
}

TEST(StrayWord, SaysWhichWordIsTooMany) {
    EXPECT_EQ(stray_word("", {"serve"}, kOptions), "there is no use for the word 'serve'");
    EXPECT_EQ(stray_word("check", {"b.ks", "-x"}, kOptions), "'check' has no option '-x'");
    EXPECT_EQ(stray_word("check", {}, kOptions), std::nullopt);
}

TEST(StrayWord, LetsNoWordMoveTheCursor) {
    EXPECT_EQ(stray_word("", {"\x1b[2J"}, kOptions)->find('\x1b'), std::string::npos);
}

TEST(Complaint, SaysWhoSpeaksAndWhereHelpIs) {
    EXPECT_EQ(complaint("imgd", "it is wrong", "imgd --help"),
              "imgd: it is wrong\nSee `imgd --help`.\n");
}

}  // namespace
}  // namespace img
