#include "kickstart/command_table.hpp"

#include "kickstart/bounds.hpp"
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
    EXPECT_EQ(said("syspurpose --role=server\n"),
              Said{"t.ks:1:1: warning: syspurpose is left out: only a subscription service reads "
                   "it"});
    EXPECT_EQ(said("rescue --nomount\n"),
              Said{"t.ks:1:1: refused: rescue is not possible: it makes no image"});
}

TEST(CommandTable, GivesEachCommandOneRowWithAReaderOrAReason) {
    std::set<std::string_view> names;
    for (const Command* command : commands()) {
        EXPECT_TRUE(names.insert(command->name).second) << command->name << " has two rows";
        EXPECT_EQ(command->effect == Effect::acts, command->read != nullptr) << command->name;
        EXPECT_FALSE(command->note.empty()) << command->name;
        EXPECT_FALSE(command->history.empty()) << command->name;
    }
    EXPECT_TRUE(names.contains("part"));
}

TEST(CommandTable, ChecksTheFormOfCommandsThatDoNotAct) {
    EXPECT_EQ(said("liveimg --ulr=http://h\n").back(),
              "t.ks:1:9: error: liveimg has no option '--ulr'; did you mean --url?");
    EXPECT_EQ(said("cdrom now\n").back(), "t.ks:1:7: error: cdrom takes options only, not 'now'");
    EXPECT_EQ(said("iscsiname\n").front(), "t.ks:1:1: error: iscsiname needs a word: NAME");
    EXPECT_EQ(said("iscsi --ipaddr=192.0.2.1 --port=x\n").back(),
              "t.ks:1:33: error: iscsi --port: 'x' is not a whole number");
    EXPECT_EQ(said("langsupport --what ever\n").size(), 1u) << "a note, and no error";
}

TEST(CommandTable, KeepsWhatDoesNotAct) {
    const auto document = parse_text("nfs --server=h --dir='/a b'\nreboot\n").document;
    ASSERT_EQ(document.idle_commands.size(), 2u);
    EXPECT_EQ(document.idle_commands[0].words, (Said{"nfs", "--server=h", "--dir=/a b"}));
    EXPECT_EQ(document.idle_commands[1].where.line, 2u);
}

TEST(CommandTable, KeepsALineWithSomethingRefusedAsItWasWritten) {
    const std::string text = "user --name=Joe --uid=5\npart pv.01 --size=9\nlang german\n";
    const auto parsed = parse_text(text);
    EXPECT_EQ(parsed.document.users.size(), 0u);
    EXPECT_EQ(parsed.document.partitions.size(), 0u);
    EXPECT_EQ(parsed.document.lang, std::nullopt);
    EXPECT_EQ(print(parsed.document), text);
    EXPECT_EQ(said(text).size(), 3u) << "each is said once";
}

TEST(CommandTable, BoundsWhatItKeeps) {
    std::string text;
    for (std::size_t i = 0; i <= kIdleCommandsMax; ++i) {
        text += "reboot\n";
    }
    const auto parsed = parse_text(text);
    EXPECT_EQ(parsed.document.idle_commands.size(), kIdleCommandsMax);
    EXPECT_TRUE(parsed.is_refused());
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
