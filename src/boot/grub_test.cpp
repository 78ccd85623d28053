#include "boot/grub.hpp"

#include "base/byte_size.hpp"
#include "system/process_runner.hpp"
#include "tests/support/temp_folder.hpp"

#include <gtest/gtest.h>

namespace img::boot {
namespace {

TEST(Grub, TellsTheBootSectorWhereItsCoreIs) {
    const std::string boot_img = testing::read_file(grub_parts(Firmware::bios) / "boot.img");
    const std::string code = boot_sector(boot_img, 0x0102030405).value();
    ASSERT_EQ(code.size(), 440u);
    EXPECT_EQ(code.substr(0, 0x5c), boot_img.substr(0, 0x5c));
    EXPECT_EQ(code.substr(0x5c, 8), std::string("\x05\x04\x03\x02\x01\0\0\0", 8));
    EXPECT_EQ(code[0x64], '\xff');
    EXPECT_EQ(code.substr(0x66, 2), "\x90\x90");
    EXPECT_EQ(code.substr(0x68), boot_img.substr(0x68, 440 - 0x68));
}

TEST(Grub, RefusesWhatIsNoBootSector) {
    EXPECT_EQ(boot_sector("too short", 2048).error().fault, Fault::broken);
    EXPECT_EQ(boot_sector(std::string(512, '\0'), 2048).error().fault, Fault::broken);
}

TEST(Grub, TellsTheCoreWhereItsRestIs) {
    const std::string core = placed_core(std::string(1025, 'c'), 2048, kMiB).value();
    ASSERT_EQ(core.size(), 1536u);
    EXPECT_EQ(core.substr(0x1f4, 12), std::string("\x01\x08\0\0\0\0\0\0\x02\0\x20\x08", 12));
    EXPECT_EQ(core.substr(1024, 2), std::string("c\0", 2));
}

TEST(Grub, RefusesACoreThatOutgrowsItsPartition) {
    EXPECT_TRUE(placed_core(std::string(kMiB, 'c'), 2048, kMiB));
    EXPECT_EQ(placed_core(std::string(kMiB + 1, 'c'), 2048, kMiB).error().fault, Fault::invalid);
    EXPECT_EQ(placed_core("c", 2048, kMiB).error().fault, Fault::broken);
}

TEST(Grub, MakesBothCoresWithTheInstalledModules) {
    const testing::TempFolder folder;
    const auto config = folder.write("config", grub_search_config("ABCD-1234", "/boot/grub"));
    system::ProcessRunner runner;
    for (const Firmware firmware : {Firmware::bios, Firmware::uefi}) {
        const auto core = folder.path() / "core";
        const auto made = runner.run(grub_mkimage(firmware, "/boot/grub", config, core));
        ASSERT_TRUE(made) << made.error().message;
        const std::string bytes = testing::read_file(core);
        EXPECT_GT(bytes.size(), 64 * kKiB);
        EXPECT_LT(bytes.size(), 2 * kMiB);
        if (firmware == Firmware::uefi) {
            EXPECT_EQ(bytes.substr(0, 2), "MZ");
            EXPECT_NE(bytes.find("--fs-uuid --set=root 'ABCD-1234'"), std::string::npos);
        } else {
            EXPECT_LE(bytes.size(), kMiB);
        }
    }
}

TEST(Grub, MakesABootImageForACdThatLooksForItsMarker) {
    const testing::TempFolder folder;
    const auto config = folder.write("config", grub_marker_config("/.disk/img-1", "/boot/grub"));
    const auto core = folder.path() / "core";
    system::ProcessRunner runner;
    const auto made = runner.run(grub_mkimage(Firmware::bios_cd, "/boot/grub", config, core));
    ASSERT_TRUE(made) << made.error().message;
    // cdboot.img is one sector of 2 KiB, and what it loads starts with another boot stage.
    EXPECT_GT(testing::read_file(core).size(), 64 * kKiB);
    EXPECT_EQ(testing::read_file(config),
              "search --no-floppy --file --set=root '/.disk/img-1'\n"
              "set prefix=($root)'/boot/grub'\n"
              "configfile ($root)'/boot/grub'/grub.cfg\n");
}

TEST(Grub, WritesAMenuThatStartsItsFirstEntry) {
    const std::vector<BootEntry> entries = {{.title = "Debian",
                                             .kernel = "/boot/vmlinuz",
                                             .initrd = "/boot/initrd.img",
                                             .arguments = "root=UUID=1-2 ro  console=ttyS0"},
                                            {.title = "bare", .kernel = "/vmlinuz"}};
    EXPECT_EQ(grub_config({.entries = entries, .timeout = 3}),
              "# Written by IMG.\n"
              "set default=0\n"
              "set timeout=3\n"
              "if [ \"$grub_platform\" = pc ]; then\n"
              "    if serial --unit=0 --speed=115200; then\n"
              "        terminal_input console serial\n"
              "        terminal_output console serial\n"
              "    fi\n"
              "fi\n"
              "menuentry 'Debian' {\n"
              "    linux '/boot/vmlinuz' 'root=UUID=1-2' 'ro' 'console=ttyS0'\n"
              "    initrd '/boot/initrd.img'\n"
              "}\n"
              "menuentry 'bare' {\n"
              "    linux '/vmlinuz'\n"
              "}\n");
}

TEST(Grub, QuotesWhatWouldBeItsLanguage) {
    const std::vector<BootEntry> entries = {{.title = "it's; }\nreboot $x",
                                             .kernel = "/k",
                                             .arguments = "a=\"b c\" $(x);{ it's \"\"\nnext"}};
    const std::string text = grub_config({.entries = entries, .timeout = 0});
    EXPECT_NE(text.find("menuentry 'it'\\''s; } reboot $x' {\n"), std::string::npos) << text;
    EXPECT_NE(text.find("linux '/k' 'a=b c' '$(x);{' 'it'\\''s' '' 'next'\n}\n"), std::string::npos)
        << text;
}

TEST(Grub, WritesAMenuThatGrubsOwnCheckerAccepts) {
    const testing::TempFolder folder;
    const std::vector<BootEntry> entries = {
        {.title = "it's; }\nreboot $x \"", .kernel = "/k y", .arguments = "a=\"b ' c\" $(x);{ `"}};
    const auto file = folder.write("grub.cfg", grub_config({.entries = entries, .timeout = 0}));
    system::ProcessRunner runner;
    const auto checked = runner.run({.argv = {"grub-script-check", file.string()}});
    EXPECT_TRUE(checked) << checked.error().message;
}

}  // namespace
}  // namespace img::boot
