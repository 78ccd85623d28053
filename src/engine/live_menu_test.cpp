#include "engine/live_menu.hpp"

#include "engine/planner.hpp"

#include <algorithm>
#include <gtest/gtest.h>

namespace img::engine {
namespace {

const std::vector<rootfs::Kernel> kKernels = {
    {.version = "6.2", .kernel_path = "/boot/vmlinuz-6.2", .initrd_path = "/boot/initrd.img-6.2"},
    {.version = "6.1", .kernel_path = "/boot/vmlinuz-6.1", .initrd_path = "/boot/initrd.img-6.1"}};

Result<Draft> draft(const std::string& kickstart, const std::string& type = "livecd") {
    BuildRequest request;
    request.kickstart =
        "url --url=http://mirror.example/debian --suite=bookworm --components=main\n"
        "%packages\nlinux-image-amd64\n%end\n" +
        kickstart;
    request.kickstart_name = "demo.ks";
    request.image_type = type;
    request.name = "demo";
    return draft_plan(request);
}

boot::BootMenu menu_of(const std::string& kickstart) {
    const auto planned = draft(kickstart);
    EXPECT_FALSE(planned->refused);
    return live_menu(planned->plan, "demo", "seed", kKernels).value();
}

std::vector<std::string> names(const std::vector<packages::Asked>& asked) {
    std::vector<std::string> out;
    for (const auto& one : asked) {
        out.push_back(one.name);
    }
    std::ranges::sort(out);
    return out;
}

TEST(LiveMenu, StartsAndChecksEachKernel) {
    const boot::BootMenu menu = menu_of("");
    EXPECT_EQ(menu.timeout, 10u);
    ASSERT_EQ(menu.entries.size(), 4u);
    EXPECT_EQ(menu.entries[0].title, "demo live (6.2)");
    EXPECT_EQ(menu.entries[0].kernel, "/boot/vmlinuz-6.2");
    EXPECT_EQ(menu.entries[0].arguments, "console=tty0 console=ttyS0,115200");
    EXPECT_FALSE(menu.entries[0].checks_medium);
    EXPECT_EQ(menu.entries[1].title, "Check the medium (6.2)");
    EXPECT_TRUE(menu.entries[1].checks_medium);
    EXPECT_EQ(menu.entries[2].initrd, "/boot/initrd.img-6.1");
}

TEST(LiveMenu, HasTheEntriesOfTheKickstart) {
    const boot::BootMenu menu = menu_of(
        "bootloader --timeout=3 --append=\"quiet console=ttyS0\" "
        "--menus=\"rescue:To the rescue:single;text:Text:systemd.unit=multi-user.target a:b\" "
        "--password=secret\n");
    EXPECT_EQ(menu.timeout, 3u);
    EXPECT_TRUE(menu.password_hash.starts_with("grub.pbkdf2.sha512."));
    ASSERT_EQ(menu.entries.size(), 8u);
    EXPECT_EQ(menu.entries[1].title, "To the rescue (6.2)");
    EXPECT_EQ(menu.entries[1].arguments, "single quiet console=ttyS0");
    EXPECT_EQ(menu.entries[2].arguments, "systemd.unit=multi-user.target a:b quiet console=ttyS0");
}

TEST(LiveMenu, KnowsTheKeyWordsOfMeeGo) {
    const std::vector<MenuWish> wanted = {
        {"Installation only", "liveinst nosplash 4"},
        {"Automatic installation (deletes all existing content)", "autoinst nosplash 4"},
        {"Installation from the network", "netinst 4"}};
    EXPECT_EQ(parse_menus("bootinstall autoinst verify netinst").value(), wanted);
    EXPECT_EQ(parse_menus("liveinst;autoinst;netinst").value(), wanted);
    EXPECT_TRUE(parse_menus("").value().empty());
}

TEST(LiveMenu, RefusesWhatIsNoEntry) {
    EXPECT_FALSE(parse_menus("rescue"));
    EXPECT_FALSE(parse_menus("a:b"));
    EXPECT_FALSE(parse_menus("a::b"));
    const auto planned = draft("bootloader --menus=rescue\n");
    EXPECT_TRUE(planned->refused);
    EXPECT_EQ(to_text(planned->diagnostics.back()),
              "demo.ks:5:1: refused: bootloader --menus: 'rescue' is no entry of a menu; write "
              "short:long:extra, or bootinstall, autoinst, basic, netinst, verify");
}

TEST(LiveMenu, IsNotedWhereTheImageHasNone) {
    const auto planned = draft("bootloader --menus=rescue\n", "raw");
    EXPECT_FALSE(planned->refused);
    EXPECT_EQ(to_text(planned->diagnostics.back()),
              "demo.ks:5:1: note: bootloader --menus: it is the menu of live images, and raw is "
              "none");
}

TEST(LivePlan, AddsWhatALiveSystemNeeds) {
    const auto selection = draft("")->plan.selection;
    const std::vector<std::string> wanted = {"linux-image-amd64", "live-boot",
                                             "live-boot-initramfs-tools"};
    EXPECT_EQ(names(selection.names), wanted);
    EXPECT_EQ(names(selection.excluded), std::vector<std::string>{"live-tools"});
    EXPECT_EQ(names(draft("", "raw")->plan.selection.names),
              std::vector<std::string>{"linux-image-amd64"});
}

TEST(LivePlan, AddsDracutsModuleWhereDracutIsChosen) {
    const std::vector<std::string> wanted = {"dracut", "dracut-live", "isomd5sum",
                                             "linux-image-amd64"};
    EXPECT_EQ(names(draft("%packages\ndracut\n%end\n")->plan.selection.names), wanted);
}

TEST(LivePlan, LeavesOutWhatIsExcluded) {
    EXPECT_EQ(names(draft("%packages\n-live-boot\n%end\n")->plan.selection.names),
              (std::vector<std::string>{"linux-image-amd64", "live-boot-initramfs-tools"}));
}

TEST(LivePlan, HasNoTableOfFileSystems) {
    const auto plan = draft("part / --fstype=ext4 --size=10\npart swap --size=64\n")->plan;
    EXPECT_TRUE(fstab_entries(plan).empty());
    EXPECT_FALSE(plan.boot_partition);
}

}  // namespace
}  // namespace img::engine
