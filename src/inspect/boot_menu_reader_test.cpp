#include "inspect/boot_menu_reader.hpp"

#include "inspect/linux_kernel.hpp"

#include <gtest/gtest.h>

namespace img::inspect {
namespace {

TEST(GrubMenu, GivesEntriesOfSubmenusToo) {
    const auto entries = read_grub_menu(
        "set default=0\n# menuentry 'none'\nmenuentry 'It'\\''s \"one\"' --class x {\n"
        "  linux /boot/vmlinuz-6.1 root=UUID=1 ro\n  initrd /boot/initrd.img-6.1\n}\n"
        "submenu 'more' {\n menuentry \"two\" {\n  linuxefi /vmlinuz quiet\n }\n}\n"
        "linux /outside\n");
    ASSERT_EQ(entries.size(), 2u);
    EXPECT_EQ(entries[0].title, "It's \"one\"");
    EXPECT_EQ(entries[0].kernel, "/boot/vmlinuz-6.1");
    EXPECT_EQ(entries[0].arguments, "root=UUID=1 ro");
    EXPECT_EQ(entries[0].initrd, "/boot/initrd.img-6.1");
    EXPECT_EQ(entries[1].title, "two");
    EXPECT_EQ(entries[1].arguments, "quiet");
}

TEST(SyslinuxMenu, TakesTheInitrdOutOfTheArguments) {
    const auto entries = read_syslinux_menu(
        "default live\nLABEL live\n  MENU LABEL ^Live system\n  kernel /live/vmlinuz\n"
        "  append initrd=/live/initrd.img boot=live quiet\nlabel none\n  menu label empty\n");
    ASSERT_EQ(entries.size(), 1u);
    EXPECT_EQ(entries[0].title, "^Live system");
    EXPECT_EQ(entries[0].kernel, "/live/vmlinuz");
    EXPECT_EQ(entries[0].initrd, "/live/initrd.img");
    EXPECT_EQ(entries[0].arguments, "boot=live quiet");
}

TEST(LoaderEntry, IsOneEntryAFile) {
    const auto entries =
        read_loader_entry("title Debian\nlinux /vmlinuz\ninitrd /one\ninitrd /two\noptions ro x\n");
    ASSERT_EQ(entries.size(), 1u);
    EXPECT_EQ(entries[0].title, "Debian");
    EXPECT_EQ(entries[0].initrd, "/one /two");
    EXPECT_EQ(entries[0].arguments, "ro x");
    EXPECT_TRUE(read_loader_entry("a text").empty());
}

TEST(Kernels, AreToldByTheirNames) {
    EXPECT_TRUE(is_kernel_name("vmlinuz-6.1.0-44-amd64"));
    EXPECT_TRUE(is_kernel_name("vmlinuz0"));
    EXPECT_TRUE(is_kernel_name("bzImage"));
    EXPECT_FALSE(is_kernel_name("linuxrc"));
    EXPECT_TRUE(is_initrd_name("initrd.img-6.1"));
    EXPECT_TRUE(is_initrd_name("initramfs-linux.img"));
    EXPECT_EQ(version_in_name("initramfs-6.12.0-55.el10.x86_64.img"), "6.12.0-55.el10.x86_64");
    EXPECT_EQ(version_in_name("vmlinuz"), "");
}

}  // namespace
}  // namespace img::inspect
