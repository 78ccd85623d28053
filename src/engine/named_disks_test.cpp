#include "engine/named_disks.hpp"

#include "base/byte_size.hpp"
#include "engine/image_recipe.hpp"
#include "engine/planner.hpp"
#include "engine/script_variables.hpp"

#include <algorithm>
#include <gtest/gtest.h>

namespace img::engine {
namespace {

using disk::PartitionRole;
using disk::PartitionTable;

BuildRequest request(const std::string& kickstart) {
    return {.kickstart = "url --url=http://mirror.example/debian --suite=bookworm\n" + kickstart,
            .kickstart_name = "demo.ks",
            .image_type = "raw",
            .name = "demo",
            .output = "/tmp/out",
            .overlay = "",
            .tokens = {},
            .cache = "/tmp/cache",
            .disk_bytes = 8 * kGiB,
            .epoch = {}};
}

Plan plan_of(const std::string& kickstart) {
    auto plan = make_plan(request(kickstart));
    EXPECT_TRUE(plan) << plan.error().message;
    return plan ? *std::move(plan) : Plan{};
}

/// What is wrong with it, a diagnostic a line.
std::string refusal(const std::string& kickstart) {
    const auto plan = make_plan(request(kickstart));
    EXPECT_FALSE(plan);
    return plan ? "" : plan.error().message;
}

TEST(NamedDisks, AreOrderedAsTheyAreNamedAndTheFirstHasTheSizeThatIsAskedFor) {
    const Plan plan = plan_of(
        "part swap --size=64\npart /data --fstype=ext4 --size=100 --ondisk=sdb\n"
        "part / --fstype=ext4 --size=900 --ondisk=sda\n"
        "part /srv --fstype=ext4 --size=100 --ondisk=sdb\n");
    ASSERT_EQ(plan.disks.size(), 2u);
    EXPECT_EQ(plan.disks[0].name, "sdb");
    EXPECT_EQ(plan.disks[0].size_bytes, 8 * kGiB);
    EXPECT_EQ(plan.disks[1].name, "sda");
    EXPECT_EQ(plan.disks[1].size_bytes, 0u);
    const auto data = disk_recipe(plan, 0);
    ASSERT_EQ(data.partitions.size(), 3u) << "and swap, which names none";
    EXPECT_EQ(data.partitions[0].name, "swap");
    EXPECT_FALSE(data.boot_partition);
    const auto system = disk_recipe(plan, 1);
    ASSERT_EQ(system.partitions.size(), 3u) << "with both boot partitions";
    EXPECT_EQ(system.partitions[0].role, PartitionRole::bios_boot);
    EXPECT_EQ(system.boot_partition, std::optional<std::size_t>(2));
}

TEST(NamedDisks, AreOneWithoutANameWhereNoneIsNamed) {
    const Plan plan = plan_of("part / --fstype=ext4 --size=900\n");
    ASSERT_EQ(plan.disks.size(), 1u);
    EXPECT_EQ(plan.disks[0].name, "");
    EXPECT_EQ(plan.disks[0].table, PartitionTable::gpt);
}

TEST(NamedDisks, HaveTheirOwnIdentities) {
    Plan plan = plan_of(
        "part / --fstype=ext4 --size=900 --ondisk=sda\n"
        "part /b --fstype=ext4 --size=90 --ondisk=sdb\n");
    identify(plan, "seed");
    EXPECT_EQ(disk_recipe(plan, 0).disk_uuid, uuid_from("seed disk"));
    EXPECT_EQ(disk_recipe(plan, 1).disk_uuid, uuid_from("seed disk 1"));
}

TEST(NamedDisks, TakeTheirTableFromTheBootLoaderAndElseFromClearpart) {
    constexpr const char* kRoot = "part / --fstype=ext4 --size=900\n";
    const auto table = [&](const std::string& commands) {
        return plan_of(commands + kRoot).disks[0].table;
    };
    EXPECT_EQ(table("bootloader --ptable=msdos\n"), PartitionTable::msdos);
    EXPECT_EQ(table("clearpart --all --disklabel=dos\n"), PartitionTable::msdos);
    EXPECT_EQ(table("clearpart --disklabel=msdos\nbootloader --ptable=gpt\n"), PartitionTable::gpt);
}

TEST(NamedDisks, BootOnABiosWithoutAPartitionForItWhereTheTableIsMsdos) {
    const Plan plan = plan_of("bootloader --ptable=msdos\npart / --fstype=ext4 --size=900\n");
    ASSERT_EQ(plan.partitions.size(), 1u);
    EXPECT_TRUE(disk_recipe(plan, 0).boots_from_gap);
    EXPECT_TRUE(std::ranges::any_of(plan.remarks, [](const auto& remark) {
        return remark.text.starts_with("an msdos disk starts on a BIOS only");
    }));
    const Plan uefi =
        plan_of("bootloader --ptable=msdos --nombr\npart / --fstype=ext4 --size=900\n");
    ASSERT_EQ(uefi.partitions.size(), 2u);
    EXPECT_EQ(uefi.partitions[0].recipe.role, PartitionRole::efi_system);
    EXPECT_FALSE(disk_recipe(uefi, 0).boots_from_gap);
}

TEST(NamedDisks, RefuseOnTheirLineWhatBelongsToGpt) {
    const std::string said = refusal(
        "bootloader --ptable=msdos\npart / --fstype=ext4 --size=900\n"
        "part /home --fstype=ext4 --size=90 --part-type=933ac7e1-2eb4-4f13-b844-0e14e2aef915\n"
        "part biosboot --size=1\n");
    EXPECT_TRUE(said.contains("demo.ks:4:6: refused: partition /home: the type 933ac7e1-")) << said;
    EXPECT_TRUE(said.contains("demo.ks:5:6: refused: partition biosboot: ")) << said;
}

TEST(NamedDisks, RefuseMorePrimaryPartitionsThanThereCanBe) {
    std::string text = "clearpart --disklabel=msdos\npart / --fstype=ext4 --size=900\n";
    for (const char* folder : {"/a", "/b", "/c", "/d"}) {
        text += std::string("part ") + folder + " --fstype=ext4 --size=90 --asprimary\n";
    }
    const std::string said = refusal(text);
    EXPECT_TRUE(said.contains("demo.ks:2:1: refused: an msdos partition table of 5 partitions"))
        << said;
}

TEST(NamedDisks, RefuseWhatFirmwareReadsOnAnotherDiskThanTheBootLoader) {
    const std::string said = refusal(
        "part / --fstype=ext4 --size=900 --ondisk=sda\n"
        "part /boot/efi --fstype=efi --size=64 --ondisk=sdb\n");
    EXPECT_TRUE(said.contains("demo.ks:3:6: refused: partition /boot/efi is on another disk"))
        << said;
}

TEST(ScriptVariables, CountLogicalPartitionsFromFive) {
    std::string text = "bootloader --ptable=msdos\npart / --fstype=ext4 --size=900\n";
    for (const char* folder : {"/a", "/b", "/c", "/d"}) {
        text += std::string("part ") + folder + " --fstype=ext4 --size=90\n";
    }
    Plan plan = plan_of(text + "part /e --fstype=ext4 --size=9 --asprimary\n");
    identify(plan, "seed");
    const auto variables = script_variables(plan);
    const auto has = [&](const std::string& wanted) {
        return std::ranges::find(variables, wanted) != variables.end();
    };
    EXPECT_TRUE(has("INSTALLERFW_PTABLE_FORMAT=msdos"));
    EXPECT_TRUE(has("INSTALLERFW_PART1_DEVNODE=/dev/sda2"));
    EXPECT_TRUE(has("INSTALLERFW_PART2_DEVNODE=/dev/sda5"));
    EXPECT_TRUE(has("INSTALLERFW_PART4_DEVNODE=/dev/sda7"));
    EXPECT_TRUE(has("INSTALLERFW_PART5_DEVNODE=/dev/sda3"));
    EXPECT_TRUE(
        has("INSTALLERFW_PART2_PARTUUID=" + uuid_from("seed disk").text().substr(0, 8) + "-05"));
}

TEST(ScriptVariables, CountTheWholeDisksPartitionsOfAGpt) {
    const Plan plan = plan_of(
        "part / --fstype=ext4 --size=900 --ondisk=mmcblk0\n"
        "part /b --fstype=ext4 --size=90 --ondisk=sdb\n");
    const auto variables = script_variables(plan);
    for (const char* wanted :
         {"INSTALLERFW_PART0_DEVNODE=/dev/mmcblk0p3", "INSTALLERFW_PART1_DEVNODE=/dev/sdb1"}) {
        EXPECT_NE(std::ranges::find(variables, wanted), variables.end()) << wanted;
    }
}

}  // namespace
}  // namespace img::engine
