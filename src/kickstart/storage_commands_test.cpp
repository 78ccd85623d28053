#include "tests/support/kickstart_text.hpp"

#include <gtest/gtest.h>

namespace img::kickstart {
namespace {

TEST(Part, ReadsEveryOption) {
    const auto parsed = parse_text(
        "part /home --size=100 --maxsize=200 --grow --ondisk=/dev/sda --fstype=xfs --label=HOME "
        "--fsoptions=noatime,ro --mkfsoptions='-m 0.5' --active --align=4096 "
        "--uuid=6B29FC40-CA47-1067-B31D-00DD010662DA "
        "--part-type=0fc63daf-8483-4772-8e79-3d69d8477de4\n");
    ASSERT_EQ(parsed.document.partitions.size(), 1u);
    const Partition wanted{.mount_point = "/home",
                           .fstype = "xfs",
                           .size_mib = 100,
                           .max_size_mib = 200,
                           .grow = true,
                           .active = true,
                           .disk = "sda",
                           .label = "HOME",
                           .uuid = "6b29fc40-ca47-1067-b31d-00dd010662da",
                           .fsoptions = "noatime,ro",
                           .mkfsoptions = "-m 0.5",
                           .part_type = "0fc63daf-8483-4772-8e79-3d69d8477de4",
                           .align_kib = 4096,
                           .where = {.file = "t.ks", .line = 1, .column = 6}};
    EXPECT_EQ(parsed.document.partitions[0], wanted);
}

TEST(Part, KnowsTheOtherNamesOfItsOptions) {
    const auto parsed = parse_text(
        "partition swap --size 64 --ondrive sda --type swap\n"
        "part /x --size=1 --extoptions='-O ^metadata_csum'\n");
    EXPECT_EQ(parsed.document.partitions[0].disk, "sda");
    EXPECT_EQ(parsed.document.partitions[0].fstype, "swap");
    EXPECT_EQ(parsed.document.partitions[1].mkfsoptions, "-O ^metadata_csum");
}

TEST(Part, NeedsASizeOrToGrow) {
    EXPECT_EQ(said("part /\n"), Said{"t.ks:1:6: refused: part / needs --size or --grow"});
    EXPECT_EQ(said("part / --size=0\n"), Said{"t.ks:1:6: refused: part / needs --size or --grow"});
    EXPECT_EQ(said("part\n"),
              Said{"t.ks:1:1: refused: part without a mount point needs --size or --grow"});
    EXPECT_EQ(said("part / --grow\npart /x --size=1\n"), Said{});
}

TEST(Part, PointsAtANumberThatIsNone) {
    EXPECT_EQ(said("part / --size=12x\n"),
              Said{"t.ks:1:15: error: part --size: '12x' is not a whole number"});
    EXPECT_EQ(said("part / --size=1073741825\n"),
              Said{"t.ks:1:15: refused: part --size: '1073741825' is more than 1073741824"});
    EXPECT_EQ(said("part / --size=1 --align=0\n"),
              Said{"t.ks:1:25: refused: part --align: 0 is no alignment; it is in KiB"});
}

TEST(Part, ComparesItsSizes) {
    EXPECT_EQ(said("part / --grow --size=9 --maxsize=8\n"),
              Said{"t.ks:1:6: refused: part /: --maxsize=8 is less than --size=9"});
    EXPECT_EQ(said("part / --size=8 --maxsize=9\n"),
              Said{"t.ks:1:6: warning: part /: --maxsize without --grow has no effect"});
}

TEST(Part, BoundsLabelsByFileSystem) {
    EXPECT_EQ(said("part / --size=1 --label=ABCDEFGHIJKLMNOP\n"), Said{});
    EXPECT_EQ(
        said("part / --size=1 --label=ABCDEFGHIJKLMNOPQ\n"),
        Said{"t.ks:1:6: refused: part /: label 'ABCDEFGHIJKLMNOPQ' has 17 bytes; ext4 takes at "
             "most 16"});
    EXPECT_EQ(
        said("part /boot/efi --fstype=efi --size=1 --label=ABCDEFGHIJKL\n"),
        Said{"t.ks:1:6: refused: part /boot/efi: label 'ABCDEFGHIJKL' has 12 bytes; efi takes "
             "at most 11"});
}

TEST(Part, ChecksUuidsByFileSystem) {
    EXPECT_EQ(said("part /a --fstype=vfat --size=1 --uuid=ABCD-0001\n"), Said{});
    EXPECT_EQ(said("part / --size=1 --uuid=ABCD-0001\n"),
              Said{"t.ks:1:6: refused: part /: --uuid=ABCD-0001 is not of the form that ext4 has"});
}

TEST(Part, TakesMountPointsOnlyInTheirNormalForm) {
    EXPECT_EQ(parse_text("part //srv/./x/ --size=1\n").document.partitions[0].mount_point,
              "/srv/x");
    EXPECT_EQ(
        said("part home --size=1\n"),
        Said{"t.ks:1:6: refused: part: 'home' is no mount point; write /FOLDER, swap, none or "
             "biosboot"});
    EXPECT_EQ(
        said("part /a/../b --size=1\n"),
        Said{"t.ks:1:6: refused: part: '/a/../b' leaves its folder with ..; write the path it "
             "ends at"});
}

TEST(Part, RefusesFileSystemsThatCannotBeThere) {
    EXPECT_EQ(said("part swap --size=1 --fstype=ext4\n"),
              Said{"t.ks:1:6: refused: part swap cannot have --fstype=ext4"});
    EXPECT_EQ(said("part / --size=1 --fstype=swap\n"),
              Said{"t.ks:1:6: refused: part / cannot have --fstype=swap, which cannot be mounted"});
    EXPECT_EQ(
        said("part pv.01 --size=1\n"),
        Said{"t.ks:1:6: refused: part 'pv.01': LVM, RAID and btrfs over several partitions are "
             "not possible; give each partition a mount point"});
}

TEST(Part, LetsMkfsOptionsNameNoFile) {
    for (const std::string_view options :
         {"-d /root", "-d ..", "-d .", "-d.", "-d x.img", "-F;x"}) {
        const auto text = "part / --size=1 --mkfsoptions='" + std::string(options) + "'\n";
        EXPECT_EQ(said(text).size(), 1u) << options;
    }
    EXPECT_EQ(said("part / --size=1 --mkfsoptions='-m 0.5 -E lazy_itable_init=0'\n"), Said{});
}

TEST(Part, DoesNotLeaveEncryptionOutSilently) {
    EXPECT_EQ(said("part / --size=1 --encrypted\n"),
              Said{"t.ks:1:17: refused: part --encrypted is not possible: IMG does not encrypt "
                   "partitions"});
}

TEST(Part, KeepsAsManyAsATableHolds) {
    std::string text;
    for (int i = 0; i < 130; ++i) {
        text += "part /p" + std::to_string(i) + " --size=1\n";
    }
    EXPECT_EQ(parse_text(text).document.partitions.size(), 128u);
    EXPECT_EQ(said(text), (Said{"t.ks:129:1: refused: more than 128 partitions; leave some out",
                                "t.ks:130:1: refused: more than 128 partitions; leave some out"}));
}

TEST(Bootloader, ReadsEveryOption) {
    const auto parsed = parse_text(
        "bootloader --append=\"quiet console=ttyS0\" --timeout=3 --ptable=gpt "
        "--location=mbr\n");
    const Bootloader wanted{.append = "quiet console=ttyS0",
                            .timeout = 3,
                            .ptable = "gpt",
                            .location = "mbr",
                            .where = {.file = "t.ks", .line = 1, .column = 1}};
    EXPECT_EQ(parsed.document.bootloader, wanted);
}

TEST(Bootloader, TakesDisabledForNowhere) {
    EXPECT_EQ(parse_text("bootloader --disabled\n").document.bootloader->location, "none");
}

TEST(Bootloader, RefusesWhatItDoesNotKnow) {
    EXPECT_EQ(
        said("bootloader --ptable=mbr --location=x --timeout=9999\n"),
        (Said{"t.ks:1:21: error: bootloader --ptable: 'mbr' is none of gpt, msdos",
              "t.ks:1:36: error: bootloader --location: 'x' is none of mbr, partition, none, boot",
              "t.ks:1:48: refused: bootloader --timeout: '9999' is more than 3600"}));
}

}  // namespace
}  // namespace img::kickstart
