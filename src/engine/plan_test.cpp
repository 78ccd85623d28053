#include "engine/plan.hpp"

#include "base/byte_size.hpp"
#include "engine/planner.hpp"
#include "tests/support/temp_folder.hpp"

#include <algorithm>
#include <gtest/gtest.h>

namespace img::engine {
namespace {

using disk::PartitionRole;
using volume::FileSystem;

constexpr const char* kBase =
    "url --url=http://mirror.example/debian --suite=bookworm --components=main\n";

BuildRequest request(std::string kickstart) {
    return {.kickstart = std::move(kickstart),
            .kickstart_name = "demo.ks",
            .image_type = "raw",
            .name = "demo",
            .output = "/tmp/out",
            .overlay = "",
            .tokens = {},
            .cache = "/tmp/cache",
            .epoch = {}};
}

Plan plan_of(const std::string& kickstart) {
    auto plan = make_plan(request(kBase + kickstart));
    EXPECT_TRUE(plan) << plan.error().message;
    return plan ? *std::move(plan) : Plan{};
}

std::vector<std::string> names(const std::vector<packages::Asked>& asked) {
    std::vector<std::string> out;
    for (const auto& one : asked) {
        out.push_back(one.name);
    }
    return out;
}

TEST(Plan, PutsBothWaysToBootBeforeWhatIsAskedFor) {
    const Plan plan = plan_of("part / --fstype=ext4 --size=1000\npart swap --size=64\n");
    ASSERT_EQ(plan.partitions.size(), 4u);
    EXPECT_EQ(plan.partitions[0].recipe.role, PartitionRole::bios_boot);
    EXPECT_EQ(plan.partitions[1].recipe.role, PartitionRole::efi_system);
    EXPECT_EQ(plan.partitions[2].recipe.role, PartitionRole::linux_root);
    EXPECT_EQ(plan.partitions[2].recipe.size_bytes, 1000 * kMiB);
    EXPECT_EQ(plan.partitions[3].recipe.file_system, FileSystem::swap);
    EXPECT_EQ(plan.boot_partition, std::optional<std::size_t>(2));
}

TEST(Plan, TakesTheBootPartitionsThatAreThere) {
    const Plan plan = plan_of(
        "part biosboot --fstype=biosboot --size=1\npart /boot/efi --fstype=efi --size=100\n"
        "part /boot --fstype=ext4 --size=300\npart / --fstype=btrfs --size=1000\n");
    ASSERT_EQ(plan.partitions.size(), 4u);
    EXPECT_EQ(plan.boot_partition, std::optional<std::size_t>(2)) << "the one that holds /boot";
    EXPECT_EQ(partition_of(plan, "/boot/grub"), 2u);
    EXPECT_EQ(partition_of(plan, "/bootleg"), 3u);
}

TEST(Plan, MakesNoBootLoaderWhereNoneIsWanted) {
    const Plan plan = plan_of("bootloader --location=none\npart / --fstype=ext4 --size=1000\n");
    EXPECT_EQ(plan.partitions.size(), 1u);
    EXPECT_FALSE(plan.boot_partition);
}

TEST(Plan, GrowsWhatGrowsToItsContentAndRefusesWhatIsTooSmall) {
    const testing::TempFolder folder;
    folder.write("tree/big", std::string(3 * kMiB, 'x'));
    const auto fit = [&](const std::string& root) {
        Plan plan = plan_of(root);
        auto& part = plan.partitions[partition_of(plan, "/")];
        part.recipe.content = folder.path() / "tree";
        const auto done = fit_to_content(plan);
        return done ? std::to_string(part.recipe.size_bytes / kMiB) : done.error().message;
    };
    EXPECT_EQ(fit("part / --fstype=ext4 --size=900 --grow\n"), "900");
    const auto grown = fit("part / --fstype=ext4 --size=1 --grow\n");
    EXPECT_GT(std::stoul(grown), 3u) << grown;
    const auto refused = fit("part / --fstype=ext4 --size=1\n");
    EXPECT_TRUE(
        refused.starts_with("demo.ks:2: partition / of 1.0 MiB is too small for its "
                            "content by "))
        << refused;
    EXPECT_TRUE(refused.ends_with("give it --size=" + grown + " or more")) << refused;
    EXPECT_NE(fit("part / --fstype=ext4 --size=1 --grow --maxsize=2\n").find("of 2.0 MiB"),
              std::string::npos);
}

TEST(Plan, LogsInOnTheSerialConsoleUnlessTheKickstartNamesItsConsoles) {
    EXPECT_EQ(plan_of("part / --fstype=ext4 --size=900\n").kernel_arguments,
              "console=tty0 console=ttyS0,115200");
    EXPECT_EQ(plan_of("bootloader --append=\"quiet\"\npart / --fstype=ext4 --size=900\n")
                  .kernel_arguments,
              "console=tty0 console=ttyS0,115200 quiet");
    EXPECT_EQ(plan_of("bootloader --append=\"console=hvc0\"\npart / --fstype=ext4 --size=900\n")
                  .kernel_arguments,
              "console=hvc0");
}

TEST(Plan, WritesTheTableOfFileSystemsByUuid) {
    Plan plan = plan_of(
        "part / --fstype=ext4 --size=1000 --fsoptions=noatime\npart /data --fstype=xfs --size=300\n"
        "part swap --size=64\npart /boot/efi --fstype=efi --size=64\n");
    identify(plan, "seed");
    const auto entries = fstab_entries(plan);
    ASSERT_EQ(entries.size(), 4u);
    EXPECT_EQ(entries[0].mount_point, "/");
    EXPECT_EQ(entries[0].options, "noatime");
    EXPECT_EQ(entries[0].pass, 1);
    EXPECT_EQ(entries[1].type, "xfs");
    EXPECT_EQ(entries[1].pass, 0);
    EXPECT_EQ(entries[2].mount_point, "none");
    EXPECT_EQ(entries[3].options, "umask=0077");
    EXPECT_EQ(entries[3].spec.size(), std::string("UUID=ABCD-1234").size());
    for (const auto& entry : entries) {
        EXPECT_TRUE(entry.spec.starts_with("UUID=") && entry.spec.size() > 5) << entry.mount_point;
    }
}

TEST(Plan, GivesTheSameSeedTheSameIdentitiesAndAnotherOthers) {
    Plan one = plan_of("part / --fstype=ext4 --size=1000\n");
    Plan two = one;
    Plan three = one;
    identify(one, "seed");
    identify(two, "seed");
    identify(three, "other");
    EXPECT_EQ(one.partitions[2].recipe.fs_uuid, two.partitions[2].recipe.fs_uuid);
    EXPECT_NE(one.partitions[2].recipe.fs_uuid, three.partitions[2].recipe.fs_uuid);
    EXPECT_NE(one.partitions[1].recipe.partition_uuid, one.partitions[2].recipe.partition_uuid);
}

TEST(Plan, KeepsAUuidThatTheKickstartGives) {
    Plan plan =
        plan_of("part / --fstype=ext4 --size=1000 --uuid=6b29fc40-ca47-4067-b31d-00dd010662da\n");
    identify(plan, "seed");
    EXPECT_EQ(plan.partitions[2].recipe.fs_uuid, "6b29fc40-ca47-4067-b31d-00dd010662da");
}

TEST(Plan, LetsTheOverlayHaveTheLastWord) {
    auto asked =
        request(std::string(kBase) +
                "part / --fstype=ext4 --size=900\n%packages\nvim\n-nano\n@standard\n%end\n");
    asked.overlay = "nano, -vim, curl";
    const auto plan = make_plan(asked);
    ASSERT_TRUE(plan) << plan.error().message;
    EXPECT_EQ(names(plan->selection.names), (std::vector<std::string>{"nano", "curl"}));
    EXPECT_EQ(names(plan->selection.excluded), std::vector<std::string>{"vim"});
    EXPECT_EQ(names(plan->selection.groups), std::vector<std::string>{"standard"});
    EXPECT_EQ(plan->selection.names[1].origin, "overlay:1");
}

TEST(Plan, RemembersWhereEachPackageWasAskedFor) {
    const Plan plan =
        plan_of("part / --fstype=ext4 --size=900\n%packages --exclude-weakdeps\nvim\n%end\n");
    ASSERT_EQ(plan.selection.names.size(), 1u);
    EXPECT_EQ(plan.selection.names[0].origin, "demo.ks:4");
    EXPECT_FALSE(plan.selection.weak_dependencies);
    EXPECT_EQ(plan.repositories[0].origin, "demo.ks:1");
}

TEST(Plan, SaysEveryProblemAtOnceWithItsLine) {
    const auto plan = make_plan(request("rebot\npart / --fstype=ext9 --size=900\n"));
    ASSERT_FALSE(plan);
    EXPECT_EQ(plan.error().fault, Fault::invalid);
    EXPECT_TRUE(plan.error().message.contains("demo.ks:1:1: error: ")) << plan.error().message;
    EXPECT_TRUE(plan.error().message.contains("reboot"));
    EXPECT_TRUE(plan.error().message.contains("demo.ks:2:"));
}

TEST(Plan, RefusesWhatItCannotMakeYet) {
    const auto plan = make_plan(
        request(std::string(kBase) + "repo --name=r --baseurl=http://r.example/os --type=rpm-md\n"
                                     "bootloader --ptable=msdos\npart / --fstype=ext4 --size=900\n"
                                     "part biosboot --size=1\n"));
    ASSERT_FALSE(plan);
    for (const char* piece : {"demo.ks:2:", "Debian archives", "demo.ks:5:", "belongs to GPT"}) {
        EXPECT_TRUE(plan.error().message.contains(piece)) << piece << "\n" << plan.error().message;
    }
}

TEST(Plan, NamesAnUnknownImageType) {
    auto asked = request(kBase);
    asked.image_type = "rwa";
    const auto plan = make_plan(asked);
    ASSERT_FALSE(plan);
    EXPECT_EQ(plan.error().message, "no image type 'rwa'; did you mean 'raw'?");
}

TEST(Plan, RefusesANameThatNoFileCanHave) {
    auto asked = request(std::string(kBase) + "part / --fstype=ext4 --size=900\n");
    for (const std::string name : {"", ".", "..", "../x", "a/b", "/x", ".x", "-x", "a\nb",
                                   "a\x1b[2J", "manifest.json", "SHA256SUMS"}) {
        asked.name = name;
        const auto plan = make_plan(asked);
        ASSERT_FALSE(plan) << name;
        EXPECT_EQ(plan.error().fault, Fault::invalid) << name;
        EXPECT_TRUE(plan.error().message.contains("cannot name an image")) << plan.error().message;
    }
    asked.name = std::string("a\0b", 3);
    EXPECT_FALSE(make_plan(asked));
    asked.name = std::string(129, 'x');
    EXPECT_FALSE(make_plan(asked));
    for (const std::string name : {"x", "My box", "a..b", "Gerät-1.0_ß", "42"}) {
        asked.name = name;
        EXPECT_TRUE(make_plan(asked)) << name;
    }
}

Plan plan_for(std::string type, const std::string& kickstart) {
    BuildRequest asked = request(kBase + kickstart);
    asked.image_type = std::move(type);
    auto plan = make_plan(asked);
    EXPECT_TRUE(plan) << plan.error().message;
    return plan ? *std::move(plan) : Plan{};
}

constexpr const char* kThreeParts =
    "part / --fstype=btrfs --size=900 --mkfsoptions=-M --label=root\npart swap --size=64\n"
    "part /home --fstype=ext4 --size=100\n";

TEST(Plan, MountsNothingInATreeThatIsNoFileSystemOfOurs) {
    for (const char* type : {"fs", "tar", "cpio", "squashfs", "erofs"}) {
        Plan plan = plan_for(type, kThreeParts);
        ASSERT_EQ(plan.partitions.size(), 1u) << type;
        identify(plan, "seed");
        EXPECT_TRUE(fstab_entries(plan).empty()) << type;
        EXPECT_FALSE(plan.boot_partition) << type;
    }
}

TEST(Plan, MountsABareExt4ByItsUuid) {
    Plan plan = plan_for("ext4", kThreeParts);
    identify(plan, "seed");
    const auto entries = fstab_entries(plan);
    ASSERT_EQ(entries.size(), 1u);
    EXPECT_EQ(entries[0].type, "ext4");
    EXPECT_EQ(entries[0].spec, "UUID=" + plan.partitions[0].recipe.fs_uuid);
    EXPECT_EQ(plan.partitions[0].recipe.label, "root");
    EXPECT_TRUE(plan.partitions[0].recipe.mkfs_options.empty()) << "those were for btrfs";
}

TEST(Plan, MountsEveryLoopFileButHasNoSwap) {
    Plan plan = plan_for("loop", kThreeParts);
    identify(plan, "seed");
    const auto entries = fstab_entries(plan);
    ASSERT_EQ(entries.size(), 2u);
    EXPECT_EQ(entries[0].type, "btrfs");
    EXPECT_EQ(entries[1].mount_point, "/home");
}

/// What a build of that type is refused with before it begins.
std::string refusal(std::string type,
                    const std::vector<std::string>& words,
                    const std::string& lines = "part / --fstype=ext4 --size=900\n",
                    std::uint64_t disk_bytes = 0) {
    BuildRequest asked = request(kBase + lines);
    asked.image_type = std::move(type);
    asked.disk_bytes = disk_bytes;
    EXPECT_TRUE(take_output_options(words, asked.options));
    const auto plan = make_plan(asked);
    return plan ? "" : plan.error().message;
}

TEST(Plan, RefusesOptionsThatTheTypeCannotFulfil) {
    EXPECT_EQ(refusal("fs", {"--compress=gz"}),
              "an image of type fs is a folder and cannot be compressed; choose type tar");
    EXPECT_EQ(refusal("fs", {"--pack-to=x.zip"}),
              "demo is a folder, whose owners a zip cannot hold; pack it to a .tar");
    EXPECT_EQ(refusal("fs", {"--pack-to=@NAME@.tar"}), "");
    EXPECT_EQ(refusal("liveusb", {"--persistence=5M"}),
              "5.0 MiB are too little to keep changes in: give the stick 16.0 MiB or more");
    EXPECT_TRUE(refusal("livecd", {"--volume-id=a b"}).starts_with("'a b' is no volume id"));
    EXPECT_TRUE(refusal("vdi", {"--subformat=flat"}).starts_with("vdi has no subformat"));
}

TEST(Plan, RefusesAnArchiveThatWouldTakeTheImagesPlace) {
    const std::string sentence =
        "'demo.tar' is a file of the image's own, and the archive would take its place: pack it to "
        "another name";
    EXPECT_EQ(refusal("tar", {"--pack-to=@NAME@.tar"}), sentence);
    EXPECT_EQ(refusal("tar", {"--pack-to=demo.tar"}), sentence);
    EXPECT_EQ(refusal("tar", {"--pack-to=@NAME@.tar", "--compress=gz"}), "");
    EXPECT_NE(refusal("tar", {"--pack-to=@NAME@.tar.gz", "--compress=gz"}), "");
    EXPECT_EQ(refusal("cpio", {"--pack-to=@NAME@.tar"}), "");
    EXPECT_EQ(refusal("raw", {"--pack-to=@NAME@.tar"}), "");
}

TEST(Plan, RefusesDisksThatCannotBe) {
    const std::string root = "part / --fstype=ext4 --size=900\n";
    EXPECT_TRUE(refusal("raw", {}, root, kMiB)
                    .starts_with("demo.ks:2:6: refused: the disk of 1.0 MiB is too small for its "
                                 "partitions by 965.0 MiB: give it 967 MiB"))
        << refusal("raw", {}, root, kMiB);
    EXPECT_EQ(refusal("raw", {}, root, kGiB), "");
    EXPECT_TRUE(refusal("vhd", {}, root, 2100 * kGiB).contains("2040 GiB is the most"));
    EXPECT_EQ(refusal("vhd", {}, root, 2000 * kGiB), "");
    EXPECT_EQ(refusal("vhdx", {}, root, 2100 * kGiB), "");
    EXPECT_TRUE(refusal("qcow2", {}, "part / --fstype=ext4 --size=900 --label=seventeen-letters\n")
                    .contains("seventeen-letters"));
    EXPECT_EQ(refusal("raw", {}, "part / --fstype=xfs --size=1 --grow\n"), "")
        << "it may yet become large enough";
    std::string five = "part / --fstype=ext4 --size=900 --ondisk=sda\n";
    for (const std::string disk : {"sdb", "sdc", "sdd", "sde"}) {
        five += "part /" + disk + " --fstype=ext4 --size=9 --ondisk=" + disk + "\n";
    }
    EXPECT_TRUE(refusal("ova", {}, five)
                    .contains("an OVA holds 4 disks at most, and there are 5; choose vmdk"));
    EXPECT_EQ(refusal("vmdk", {}, five), "");
}

TEST(Plan, RefusesNamesThatTheTypeCannotHold) {
    auto asked = request(std::string(kBase) + "part / --fstype=ext4 --size=900\n");
    asked.name = "a\"b";
    for (const auto& [type, good] : {std::pair{"raw", true}, {"vmdk", false}, {"ova", false}}) {
        asked.image_type = type;
        EXPECT_EQ(make_plan(asked).has_value(), good) << type;
    }
    asked.name = std::string(100, 'x');
    asked.image_type = "ova";
    EXPECT_FALSE(make_plan(asked));
}

TEST(Plan, RefusesTwoLoopFilesOfOneNameBeforeAnyWork) {
    BuildRequest asked = request(std::string(kBase) +
                                 "part / --fstype=ext4 --size=900\n"
                                 "part /srv/data --fstype=ext4 --size=9\n"
                                 "part /data --fstype=ext4 --size=9\n");
    asked.image_type = "loop";
    const auto refused = make_plan(asked);
    ASSERT_FALSE(refused);
    EXPECT_TRUE(refused.error().message.contains(
        "part /srv/data and part /data would both be the file data.img"))
        << refused.error().message;
    asked.image_type = "raw";
    EXPECT_TRUE(make_plan(asked));
}

}  // namespace
}  // namespace img::engine
