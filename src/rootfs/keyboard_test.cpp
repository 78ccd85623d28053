#include "rootfs/keyboard.hpp"

#include "tests/support/recording_runner.hpp"
#include "tests/support/temp_tree.hpp"
#include "tree/tree.hpp"

#include <gtest/gtest.h>

namespace img::rootfs {
namespace {

using tree::Tree;

constexpr auto kMap =
    "# vconsole\txlayout\txmodel\txvariant\txoptions\n"
    "uk\tgb\tpc105\t-\tterminate:ctrl_alt_bksp\n"
    "de-latin1-nodeadkeys\tde\tpc105\tnodeadkeys\tterminate:ctrl_alt_bksp\n";

TEST(Keyboard, TakesTheConsoleKeymapsLayoutFromTheModelMap) {
    EXPECT_EQ(xkb_layout({.keymap = "uk"}, kMap),
              (XkbLayout{"pc105", "gb", "", "terminate:ctrl_alt_bksp"}));
    EXPECT_EQ(xkb_layout({.keymap = "de-latin1-nodeadkeys"}, kMap).variant, "nodeadkeys");
}

TEST(Keyboard, TakesTheNameItselfWhereTheMapHasNone) {
    EXPECT_EQ(xkb_layout({.keymap = "fr-latin9"}, kMap), (XkbLayout{"pc105", "fr", "", ""}));
}

TEST(Keyboard, PrefersWhatIsSaidForX) {
    const kickstart::Keyboard both{.keymap = "us", .x_layouts = {"de (nodeadkeys)", "us"}};
    EXPECT_EQ(xkb_layout(both, kMap), (XkbLayout{"pc105", "de,us", "nodeadkeys,", ""}));
}

TEST(Keyboard, WritesBothFilesAndHasTheKeymapCompiledInTheTree) {
    testing::TempTree temp;
    testing::RecordingRunner runner;
    temp.put("/usr/bin/setupcon", "", true);
    temp.put("/usr/share/systemd/kbd-model-map", kMap);
    temp.put("/usr/share/X11/xkb/symbols/gb");
    ASSERT_TRUE(set_keyboard(runner, Tree::open(temp.folder).value(), {.keymap = "uk"}));
    EXPECT_NE(temp.get("/etc/default/keyboard").find("XKBLAYOUT=\"gb\"\n"), std::string::npos);
    EXPECT_EQ(temp.get("/etc/vconsole.conf"), "KEYMAP=uk\n");
    ASSERT_EQ(runner.commands.size(), 1u);
    EXPECT_EQ(runner.commands[0].argv, (std::vector<std::string>{"setupcon", "--save-only"}));
    EXPECT_EQ(runner.commands[0].root, temp.folder);
}

TEST(Keyboard, NamesTheLineOfALayoutThatDoesNotExist) {
    testing::TempTree temp;
    testing::RecordingRunner runner;
    temp.put("/usr/share/X11/xkb/symbols/de");
    const auto done = set_keyboard(runner, Tree::open(temp.folder).value(),
                                   {.keymap = "dee", .where = {"demo.ks", 5, 1}});
    ASSERT_FALSE(done);
    EXPECT_EQ(done.error().fault, Fault::invalid);
    EXPECT_EQ(done.error().message,
              "keyboard dee (demo.ks:5): the image has no keyboard layout dee, did you mean de");
}

TEST(Keyboard, SwitchesLayoutsAsItIsTold) {
    const kickstart::Keyboard keyboard{.keymap = "us",
                                       .x_layouts = {"us", "cz (qwerty)"},
                                       .x_options = {"grp:alt_shift_toggle", "compose:ralt"}};
    EXPECT_EQ(xkb_layout(keyboard, kMap),
              (XkbLayout{"pc105", "us,cz", ",qwerty", "grp:alt_shift_toggle,compose:ralt"}));
}

TEST(Keyboard, OfAnRpmTreeIsWhereXAndTheConsoleLook) {
    testing::TempTree temp;
    testing::RecordingRunner runner;
    temp.put("/usr/lib/rpm/macros");
    temp.put("/usr/lib/systemd/systemd", "", true);
    temp.put("/usr/lib/kbd/keymaps/legacy/i386/qwertz/de-latin1.map.gz");
    temp.put("/usr/lib/kbd/keymaps/xkb/cz.map.gz");
    const Tree tree = Tree::open(temp.folder).value();
    ASSERT_TRUE(set_keyboard(runner, tree,
                             {.keymap = "cz",
                              .x_layouts = {"cz", "us (dvorak)"},
                              .x_options = {"grp:alt_shift_toggle"}}));
    EXPECT_EQ(temp.get("/etc/vconsole.conf"), "KEYMAP=cz\n");
    EXPECT_EQ(temp.get("/etc/X11/xorg.conf.d/00-keyboard.conf"),
              "# Read and written by systemd-localed too: localectl(1) changes it.\n"
              "Section \"InputClass\"\n"
              "        Identifier \"system-keyboard\"\n"
              "        MatchIsKeyboard \"on\"\n"
              "        Option \"XkbLayout\" \"cz,us\"\n"
              "        Option \"XkbModel\" \"pc105\"\n"
              "        Option \"XkbVariant\" \",dvorak\"\n"
              "        Option \"XkbOptions\" \"grp:alt_shift_toggle\"\n"
              "EndSection\n");
    EXPECT_FALSE(tree.exists("/etc/default/keyboard"));
    EXPECT_FALSE(tree.exists("/etc/sysconfig/keyboard"));
    EXPECT_EQ(set_keyboard(runner, tree, {.keymap = "de-latni1", .where = {"demo.ks", 5, 1}})
                  .error()
                  .message,
              "keyboard de-latni1 (demo.ks:5): the image has no console keymap de-latni1, did you "
              "mean de-latin1");
    EXPECT_TRUE(runner.commands.empty());
}

TEST(Keyboard, OfAnOldRpmTreeIsInSysconfig) {
    testing::TempTree temp;
    testing::RecordingRunner runner;
    temp.put("/etc/redhat-release");
    ASSERT_TRUE(set_keyboard(runner, Tree::open(temp.folder).value(), {.keymap = "de"}));
    EXPECT_EQ(temp.get("/etc/sysconfig/keyboard"), "KEYBOARDTYPE=\"pc\"\nKEYTABLE=\"de\"\n");
}

TEST(Keyboard, LetsNoShellCodeIntoAFileThatShellsRead) {
    testing::TempTree temp;
    testing::RecordingRunner runner;
    const Tree tree = Tree::open(temp.folder).value();
    EXPECT_FALSE(set_keyboard(runner, tree, {.keymap = "us\"; reboot; \""}));
    EXPECT_FALSE(set_keyboard(runner, tree, {.keymap = "us", .x_layouts = {"us ($(reboot)"}}));
    EXPECT_FALSE(set_keyboard(runner, tree, {.keymap = ""}));
    EXPECT_FALSE(set_keyboard(runner, tree, {.keymap = "us", .x_options = {"a\"\nEndSection"}}));
    EXPECT_FALSE(tree.exists("/etc/default/keyboard"));
}

}  // namespace
}  // namespace img::rootfs
