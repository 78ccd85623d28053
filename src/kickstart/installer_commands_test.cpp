#include "tests/support/kickstart_text.hpp"

#include <gtest/gtest.h>

namespace img::kickstart {
namespace {

TEST(InstallerCommands, AreTakenWithANoteEach) {
    for (const std::string_view command :
         {"text", "cmdline", "graphical", "install", "reboot --eject", "poweroff", "halt",
          "shutdown", "zerombr yes", "eula --agreed", "logging --level=info",
          "ignoredisk --only-use=sda", "auth --useshadow", "sshpw --username=a b",
          "authconfig --enablemd5"}) {
        const auto sentences = said(std::string(command) + "\n");
        ASSERT_EQ(sentences.size(), 1u) << command;
        EXPECT_TRUE(sentences[0].starts_with("t.ks:1:1: note: ")) << sentences[0];
        EXPECT_TRUE(sentences[0].contains("has no effect on an image")) << sentences[0];
    }
}

TEST(InstallerCommands, RefuseWhatNoImageCouldBe) {
    EXPECT_EQ(
        said("upgrade\n"),
        Said{"t.ks:1:1: refused: upgrade is not possible: an image is always installed anew"});
}

}  // namespace
}  // namespace img::kickstart
