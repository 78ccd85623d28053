#include "engine/disk_menu.hpp"

#include "engine/planner.hpp"

#include <gtest/gtest.h>

namespace img::engine {
namespace {

const std::vector<rootfs::Kernel> kKernels = {
    {.version = "6.2", .kernel_path = "/boot/vmlinuz-6.2", .initrd_path = "/boot/initrd.img-6.2"},
    {.version = "6.1", .kernel_path = "/boot/vmlinuz-6.1", .initrd_path = ""}};

Plan plan_of(const std::string& kickstart) {
    BuildRequest request;
    request.kickstart =
        "url --url=http://mirror.example/debian --suite=bookworm --components=main\n"
        "%packages\nlinux-image-amd64\n%end\n" +
        kickstart;
    request.kickstart_name = "demo.ks";
    request.image_type = "raw";
    request.name = "demo";
    auto plan = draft_plan(request)->plan;
    identify(plan, "seed");
    return plan;
}

TEST(DiskMenu, StartsEachKernelFromTheRootThatThePlanGives) {
    const auto plan = plan_of("part / --size=900 --fstype=ext4\n");
    const auto menu = disk_menu(plan, "demo", "seed", kKernels).value();
    ASSERT_EQ(menu.entries.size(), 2u);
    EXPECT_EQ(menu.entries[0].title, "demo (6.2)");
    EXPECT_EQ(menu.entries[0].kernel, "/boot/vmlinuz-6.2");
    EXPECT_EQ(menu.entries[0].initrd, "/boot/initrd.img-6.2");
    EXPECT_EQ(menu.entries[1].initrd, "");
    const auto& root = plan.partitions[partition_of(plan, "/")].recipe;
    EXPECT_EQ(menu.entries[0].arguments,
              "root=UUID=" + root.fs_uuid + " ro " + plan.kernel_arguments);
}

TEST(DiskMenu, NamesKernelsAsTheirOwnPartitionHasThem) {
    const auto plan = plan_of("part /boot --size=300\npart / --size=900\n");
    const auto menu = disk_menu(plan, "demo", "seed", kKernels).value();
    EXPECT_EQ(menu.entries.at(0).kernel, "/vmlinuz-6.2");
    EXPECT_EQ(menu.entries.at(0).initrd, "/initrd.img-6.2");
}

TEST(MenuKernels, BeginWithTheOneOfDefault) {
    const auto plan = plan_of("part / --size=900\nbootloader --default=linux-image-6.1\n");
    const auto menu = menu_kernels(plan.document, kKernels);
    ASSERT_EQ(menu.kernels.size(), 2u);
    EXPECT_EQ(menu.kernels[0].version, "6.1");
    EXPECT_EQ(menu.kernels[1].version, "6.2");
    EXPECT_EQ(menu.warning, "");
}

TEST(MenuKernels, StayAsTheyAreWhereDefaultNamesNone) {
    const auto plan = plan_of("part / --size=900\nbootloader --default=linux-image-5.0\n");
    const auto menu = menu_kernels(plan.document, kKernels);
    EXPECT_EQ(menu.kernels, kKernels);
    EXPECT_EQ(menu.warning,
              "bootloader --default=linux-image-5.0: no kernel of that package is in /boot; the "
              "newest is started");
}

}  // namespace
}  // namespace img::engine
