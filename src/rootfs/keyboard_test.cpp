#include "rootfs/keyboard.hpp"

#include "rootfs/tree.hpp"
#include "tests/support/recording_runner.hpp"
#include "tests/support/temp_tree.hpp"

#include <gtest/gtest.h>

namespace img::rootfs {
namespace {

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

TEST(Keyboard, LetsNoShellCodeIntoAFileThatShellsRead) {
    testing::TempTree temp;
    testing::RecordingRunner runner;
    const Tree tree = Tree::open(temp.folder).value();
    EXPECT_FALSE(set_keyboard(runner, tree, {.keymap = "us\"; reboot; \""}));
    EXPECT_FALSE(set_keyboard(runner, tree, {.keymap = "us", .x_layouts = {"us ($(reboot)"}}));
    EXPECT_FALSE(set_keyboard(runner, tree, {.keymap = ""}));
    EXPECT_FALSE(tree.exists("/etc/default/keyboard"));
}

}  // namespace
}  // namespace img::rootfs
