#include "engine/flash_plan.hpp"

#include "base/byte_size.hpp"
#include "engine/image_recipe.hpp"
#include "engine/planner.hpp"

#include <algorithm>
#include <gtest/gtest.h>

namespace img::engine {
namespace {

using volume::FileSystem;

BuildRequest request(const std::string& type, const std::string& lines) {
    return {
        .kickstart =
            "url --url=http://mirror.example/debian --suite=bookworm\n%packages\n%end\n" + lines,
        .kickstart_name = "demo.ks",
        .image_type = type,
        .name = "demo",
        .output = "/tmp/out",
        .overlay = "",
        .tokens = {},
        .cache = "/tmp/cache",
        .epoch = 1700000000};
}

Plan plan_of(const std::string& type, const std::string& lines) {
    auto plan = make_plan(request(type, lines));
    EXPECT_TRUE(plan) << plan.error().message;
    return plan ? *std::move(plan) : Plan{};
}

std::vector<std::string> warnings(const Plan& plan) {
    std::vector<std::string> texts;
    for (const auto& remark : plan.remarks) {
        if (remark.severity == syntax::Severity::warning) {
            texts.push_back(to_text(remark));
        }
    }
    return texts;
}

TEST(FlashPlan, MakesEachPartLineAVolume) {
    Plan plan = plan_of("nand",
                        "nand --profile=n900 --compressor=zlib --autoresize=home\n"
                        "part / --fstype=ubifs --size=64\npart /var/log --size=8\n"
                        "part /home --size=8 --label=home\n");
    ASSERT_EQ(plan.partitions.size(), 3u);
    EXPECT_EQ(plan.partitions[0].recipe.label, "rootfs");
    EXPECT_EQ(plan.partitions[1].recipe.label, "var-log");
    EXPECT_FALSE(plan.partitions[1].recipe.grow);
    EXPECT_TRUE(plan.partitions[2].recipe.grow);
    EXPECT_EQ(plan.partitions[1].recipe.file_system, FileSystem::ubifs);
    EXPECT_EQ(plan.flash->chip, volume::find_flash_profile("n900")->geometry);
    EXPECT_EQ(plan.flash->compressor, "zlib");
    EXPECT_FALSE(plan.boot_partition);
    EXPECT_EQ(warnings(plan), std::vector<std::string>{});
    identify(plan, "seed");
    const auto entries = fstab_entries(plan);
    ASSERT_EQ(entries.size(), 3u);
    EXPECT_EQ(entries[0].spec, "ubi0:rootfs");
    EXPECT_EQ(entries[0].type, "ubifs");
    EXPECT_EQ(entries[0].pass, 0);
    EXPECT_EQ(entries[2].spec, "ubi0:home");
}

TEST(FlashPlan, SaysWhatBecomesOfLinesForDisks) {
    const Plan plan = plan_of("nand",
                              "part / --fstype=ext3 --size=64 --mkfsoptions='-m 1'\n"
                              "part swap --size=64\n");
    ASSERT_EQ(plan.partitions.size(), 1u);
    EXPECT_TRUE(plan.partitions[0].recipe.mkfs_options.empty());
    const std::vector<std::string> wanted{
        "demo.ks: warning: there is no nand line; the image is for a chip like slc-2k: NAND of 128 "
        "MiB, pages of 2048 in parts of 512",
        "demo.ks:4:6: warning: part / --fstype=ext3: in an image of type nand it is ubifs, and its "
        "--mkfsoptions are left out",
        "demo.ks:5:6: warning: part swap: an image of type nand has no place for it"};
    auto told = warnings(plan);
    std::ranges::sort(told);
    auto sorted = wanted;
    std::ranges::sort(sorted);
    EXPECT_EQ(told, sorted);
}

TEST(FlashPlan, OverridesTheProfile) {
    const Plan plan = plan_of("jffs2", "nand --peb=64 --page=512 --blocks=300 --reserve=3\n");
    const volume::FlashGeometry wanted{.peb_bytes = 64 * kKiB,
                                       .page_bytes = 512,
                                       .subpage_bytes = 512,
                                       .blocks = 300,
                                       .reserved_blocks = 3};
    EXPECT_EQ(plan.flash->chip, wanted);
    EXPECT_EQ(fstab_entries(plan)[0].spec, "mtd:rootfs");
    EXPECT_EQ(plan_of("nand", "nand --subpage=2048\n").flash->chip.subpage_bytes, 2048u);
}

TEST(FlashPlan, RefusesWhatCannotBe) {
    const auto refused = [](const std::string& type, const std::string& lines) {
        const auto plan = make_plan(request(type, lines));
        return plan ? std::string() : plan.error().message;
    };
    EXPECT_EQ(refused("nand", "nand --profile=n9000\n"),
              "demo.ks:4:1: refused: nand --profile: no flash chip is called 'n9000'; did you mean "
              "'n900'?");
    EXPECT_EQ(refused("nand", "nand --page=2000\n"),
              "demo.ks:4:1: refused: nand: flash chip: a page of 2000 bytes is no power of two");
    EXPECT_EQ(refused("nand", "nand --autoresize=hone\npart / --size=9\n"),
              "demo.ks:4:1: refused: nand --autoresize=hone: no part line has that --label, nor a "
              "mount point that gives it");
    EXPECT_EQ(refused("raw", "part / --size=9 --fstype=ubifs\n"),
              "demo.ks:4:6: refused: part / --fstype=ubifs: that is for chips of flash memory; "
              "build the image as type nand");
}

TEST(FlashPlan, HandsTheRootOfATreeOver) {
    Plan plan = plan_of("mrstnand", "part / --size=64 --label=mrst\npart /home --size=9\n");
    identify(plan, "seed");
    const auto recipe = image_recipe(plan, request("mrstnand", ""), "seed", "/tree");
    EXPECT_TRUE(recipe.disks.empty());
    EXPECT_EQ(recipe.root.size_bytes, 64 * kMiB);
    EXPECT_EQ(recipe.root.label, "mrst");
    EXPECT_EQ(fstab_entries(plan)[0].type, "ext3");
    EXPECT_EQ(fstab_entries(plan)[0].spec, "UUID=" + recipe.root.fs_uuid);
    Plan unsaid = plan_of("mrstnand", "");
    EXPECT_EQ(image_recipe(unsaid, request("mrstnand", ""), "seed", "/tree").root.size_bytes, 0u);
}

}  // namespace
}  // namespace img::engine
