#include "kickstart/command_table.hpp"

#include "tests/support/kickstart_text.hpp"

#include <gtest/gtest.h>
#include <set>

namespace img::kickstart {
namespace {

TEST(CommandTable, NamesTheNearestCommand) {
    EXPECT_EQ(said("prat / --size=1\n"),
              Said{"t.ks:1:1: error: no command is called 'prat'; did you mean part?"});
    EXPECT_EQ(said("  frobnicate\n"), Said{"t.ks:1:3: error: no command is called 'frobnicate'"});
}

TEST(CommandTable, SaysWhatComesOfCommandsThatDoNotAct) {
    EXPECT_EQ(said("zerombr\n"),
              Said{"t.ks:1:1: note: zerombr has no effect on an image: an image begins empty"});
    EXPECT_EQ(said("firewall --enabled\n"),
              Said{"t.ks:1:1: warning: firewall is left out: not in this version; write it in "
                   "%post"});
    EXPECT_EQ(said("autopart --type=lvm\n"),
              Said{"t.ks:1:1: error: autopart is not possible: write a part line for each "
                   "partition"});
}

TEST(CommandTable, GivesEachCommandOneRowWithAReaderOrAReason) {
    std::set<std::string_view> names;
    for (const auto part : {storage_commands(), repository_commands(), account_commands(),
                            locale_commands(), network_commands(), installer_commands()}) {
        for (const auto& command : part) {
            EXPECT_TRUE(names.insert(command.name).second) << command.name << " has two rows";
            EXPECT_EQ(command.effect == Effect::acts, command.read != nullptr) << command.name;
            EXPECT_EQ(command.effect == Effect::acts, command.note.empty()) << command.name;
        }
    }
    EXPECT_TRUE(names.contains("part"));
}

TEST(CommandTable, WarnsOfTokensWithoutAValue) {
    EXPECT_EQ(said("repo --name=a --baseurl=http://h/@ARCH@\n"),
              Said{"t.ks:1:34: warning: token @ARCH@ has no value; it stays as it is"});
    EXPECT_EQ(said("repo --name=a --baseurl=http://h/@ARCH@\n", {{"ARCH", "x"}}), Said{});
}

TEST(CommandTable, CountsWordsThatNobodyAskedFor) {
    EXPECT_EQ(said("bootloader mbr\n"),
              Said{"t.ks:1:12: error: bootloader takes options only, not 'mbr'"});
    EXPECT_EQ(said("lang de_DE.UTF-8 en_US.UTF-8\n"),
              Said{"t.ks:1:18: error: lang has one word too many, 'en_US.UTF-8'; put quotes around "
                   "a value with blanks"});
}

TEST(CommandTable, LetsTheLaterOfTwoLinesCount) {
    const auto text = "lang C\nlang de_DE.UTF-8\n";
    EXPECT_EQ(said(text),
              Said{"t.ks:2:1: warning: lang was said in line 1 already; this one counts"});
    EXPECT_EQ(parse_text(text).document.lang->locale, "de_DE.UTF-8");
}

}  // namespace
}  // namespace img::kickstart
